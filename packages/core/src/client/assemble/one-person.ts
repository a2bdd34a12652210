import { MessagingError } from '../../errors.ts';
import { groupBy } from '../../fhir/groups.ts';
import type { Issue } from '../../fhir/issue.ts';
import type { Taken } from './taken.ts';
import type { Lead, Server } from './target.ts';
import { identifierKeys, isIdentifierKey, systemOf, whomAbout } from './whom-about.ts';
import type { About } from './whom-about.ts';

/** The person that everything is about: the focus's, or, where the focus names nobody, that of the first resource that names one. */
export function personOf(taken: Iterable<Taken>, lead: Lead): string | undefined {
  for (const each of taken) {
    const { every, some } = whomAbout(each, lead);
    const [first] = [...every, ...some.flat()];
    if (first) return first.keys[0];
  }
  return undefined;
}

/** Whether a Patient may be the person: the person is that one, or is not known yet, or is known by an identifier alone. */
export function mayBePerson(key: string, person: string | undefined): boolean {
  return person === undefined || isIdentifierKey(person) || key === person;
}

/**
 * Refuses resources that are not all about one person. A person who cannot be told (a contained patient, a conditional reference) counts as another,
 * so does one to whom a system of the person's gives other identifiers alone, and so does a second Patient of a server, even with the same
 * identifier: members of a household share one.
 *
 * @throws {MessagingError} `patient.mismatch`, with an issue for each resource.
 */
export function requireOnePerson(taken: ReadonlyMap<string, Taken>, lead: Lead, pathOf: (taken: Taken, path: string) => string): void {
  const person = personOf(taken.values(), lead);
  if (person === undefined) {
    return;
  }
  const names = new Set([person]);
  const systems = new Set([systemOf(person)]);
  const isOurs = (name: string): boolean => names.has(name);
  // Identifiers of a system of ours, one of which is ours; of other systems any.
  const agree = (own: readonly string[]): boolean => [...groupBy(own, systemOf)].every(([system, those]) => !systems.has(system) || those.some(isOurs));
  const servers = new Set<Server>();
  for (const { target, record } of taken.values()) {
    const identifiers = identifierKeys(record.glimpse);
    const own = [target.key, ...identifiers];
    if (target.type === 'Patient' && !servers.has(target.server) && own.some(isOurs) && agree(identifiers)) {
      servers.add(target.server);
      for (const name of own) {
        names.add(name);
        systems.add(systemOf(name));
      }
    }
  }
  // A reference and the identifier beside it have to name one person.
  const isPerson = ({ keys, identifiers = [] }: About): boolean => systems.has(systemOf(keys[0])) && agree(keys) && agree(identifiers);
  const issues = [...taken.values()].flatMap((each): Issue[] => {
    const { every, some } = whomAbout(each, lead, systems);
    const wrong = [...every.filter((about) => !isPerson(about)), ...some.filter((group) => !group.some(isPerson)).flat()];
    return wrong.length === 0
      ? []
      : [
          {
            severity: 'error',
            code: 'conflict',
            rule: 'assemble.patient',
            expression: wrong.map(({ path }) => pathOf(each, path)),
            diagnostics: `This ${each.target.type} is not for certain about the patient of the focus.`,
          },
        ];
  });
  if (issues.length > 0) {
    throw new MessagingError('patient.mismatch', `${issues.length} of ${taken.size} resources are not for certain about the patient of the focus.`, { issues });
  }
}
