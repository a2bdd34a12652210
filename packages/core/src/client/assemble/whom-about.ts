import { textIn } from '../../fhir/json.ts';
import { valueAtPath } from '../../reference/value-at-path.ts';
import type { ReferenceSite } from '../../reference/walk-references.ts';
import type { Taken } from './taken.ts';
import type { Lead } from './target.ts';

/** Whom a resource is about, as one of its references says. */
export interface About {
  /** Where it says so, as FHIRPath from the resource. */
  readonly path: string;
  /** The same for the same person on the same server; of a person that cannot be told, one that no other has. */
  readonly key: string;
}

/** The elements that name whom a resource is about, its contained ones included, in R4 and R5. */
const member = /^[A-Za-z]+(\.contained\[\d+\])?\.(subject|patient|beneficiary|for|individual|candidate)(\[\d+\])?$/;

/**
 * Whom a resource says that it is about. One without an element of its own for that, such as an Appointment, is about a patient that it
 * refers to; with none, about nobody.
 */
export function whomAbout({ record, target: { key, server, type } }: Taken, lead: Lead): { readonly every: readonly About[]; readonly some: readonly About[] } {
  if (type === 'Patient') {
    return { every: [{ path: type, key }], some: [] };
  }
  const aboutOf = (site: ReferenceSite): About => ({ path: site.path, key: keyOf(site) });
  const every = record.references.filter(({ path }) => member.test(path)).map(aboutOf);
  const some = record.references.filter(({ literal }) => literal !== undefined && lead(literal, server)?.type === 'Patient').map(aboutOf);
  return { every, some: every.length > 0 ? [] : some };

  function keyOf({ path, literal }: ReferenceSite): string {
    const unknown = `${key}#${path}`;
    if (literal === undefined) {
      return identifierKey(valueAtPath(record.glimpse, `${path}.identifier`)) ?? unknown;
    }
    return lead(literal, server)?.key ?? (/^https?:/.test(literal) ? literal : unknown);
  }
}

/** What a person is called by an identifier; `undefined` where it lacks the system or the value, and so may be anybody's. */
export function identifierKey(identifier: unknown): string | undefined {
  const [system, value] = [textIn(identifier, 'system'), textIn(identifier, 'value')];
  return system === undefined || value === undefined ? undefined : `${identifierMark}${system}|${value}`;
}

/** Whether a person is told by an identifier alone. */
export function isIdentifierKey(key: string): boolean {
  return key.startsWith(identifierMark);
}

const identifierMark = 'identifier:';
