import { itemsOf, member, objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
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

/** The elements that name whom a resource is about, in R4 and R5. */
const aboutElements = ['subject', 'patient', 'beneficiary', 'for', 'individual', 'candidate'];

/** A reference that names a Patient, whichever server's. */
const patientLiteral = /(^|\/)Patient(\?|\/[^/]+(\/_history\/[^/]+)?$)/;

/**
 * Whom a resource, or one that it contains, says that it is about. One without an element of its own for that, such as an Appointment, is
 * about a patient that it refers to; with none, about nobody. Where such an element names nobody, as one with a display alone, it is about
 * somebody who cannot be told.
 */
export function whomAbout({ record, target: { key, server, type } }: Taken, lead: Lead): { readonly every: readonly About[]; readonly some: readonly About[] } {
  if (type === 'Patient') {
    return { every: [{ path: type, key }], some: [] };
  }
  const { glimpse, references } = record;
  const sites = new Map(references.map((site) => [site.path, site]));
  const contained = objectsIn(glimpse['contained']);
  const holders = [{ holder: glimpse, at: type }, ...contained.map((holder, index) => ({ holder, at: `${type}.contained[${index}]` }))];
  const every = holders.flatMap(({ holder, at }) => aboutPaths(holder, at)).map((path) => ({ path, key: keyOf(path) }));
  const some = references.filter(namesPatient).map(({ path }) => ({ path, key: keyOf(path) }));
  return { every, some: every.length > 0 ? [] : some };

  function keyOf(path: string): string {
    const unknown = `${key}#${path}`;
    const literal = sites.get(path)?.literal;
    if (literal === undefined) {
      return identifierKey(valueAtPath(glimpse, `${path}.identifier`)) ?? unknown;
    }
    return lead(literal, server)?.key ?? (/^https?:/.test(literal) ? literal : unknown);
  }

  function namesPatient({ path, literal }: ReferenceSite): boolean {
    if (literal === undefined) {
      return textIn(valueAtPath(glimpse, path), 'type') === 'Patient';
    }
    return patientLiteral.test(literal) || contained.some(({ id, resourceType }) => `#${String(id)}` === literal && resourceType === 'Patient');
  }
}

/** Where a resource says whom it is about. */
function aboutPaths(holder: JsonObject, at: string): readonly string[] {
  return aboutElements.flatMap((name) => {
    const value = member(holder, name);
    return Array.isArray(value) ? itemsOf(value).map((_, index) => `${at}.${name}[${index}]`) : value === undefined ? [] : [`${at}.${name}`];
  });
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
