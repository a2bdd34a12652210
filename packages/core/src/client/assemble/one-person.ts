import { MessagingError } from '../../errors.ts';
import type { Issue } from '../../fhir/issue.ts';
import { itemsOf } from '../../fhir/json.ts';
import type { Taken } from './taken.ts';
import type { Lead } from './target.ts';
import { identifierKey, isIdentifierKey, whomAbout } from './whom-about.ts';

/** Whom all is about: whom the focus is about, or where it does not say, whom the first resource is that does. */
export function personOf(taken: Iterable<Taken>, lead: Lead): string | undefined {
  for (const each of taken) {
    const { every, some } = whomAbout(each, lead);
    const [first] = [...every, ...some];
    if (first) return first.key;
  }
  return undefined;
}

/** Whether a Patient may be the person: there is no other yet, or one that is told by an identifier alone. */
export function mayBePerson(key: string, person: string | undefined): boolean {
  return person === undefined || isIdentifierKey(person) || key === person;
}

/**
 * Refuses what is not all about one person. A person that cannot be told (a contained patient, a conditional reference) is another one.
 *
 * @throws {MessagingError} `patient.mismatch`, with an issue for each resource.
 */
export function requireOnePerson(taken: ReadonlyMap<string, Taken>, lead: Lead, pathOf: (taken: Taken, path: string) => string): void {
  const person = personOf(taken.values(), lead);
  if (person === undefined) {
    return;
  }
  const names = new Set([person]);
  for (const { target, record } of taken.values()) {
    const identifiers = itemsOf(record.glimpse['identifier']).flatMap((identifier) => identifierKey(identifier) ?? []);
    if (target.type === 'Patient' && [target.key, ...identifiers].some((name) => names.has(name))) {
      [target.key, ...identifiers].forEach((name) => names.add(name));
    }
  }
  const issues = [...taken.values()].flatMap((each): Issue[] => {
    const { every, some } = whomAbout(each, lead);
    const others = every.filter(({ key }) => !names.has(key));
    const wrong = some.some(({ key }) => names.has(key)) ? others : [...others, ...some];
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
