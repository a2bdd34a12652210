import { isObject, itemsOf, member, objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { parseReference, parseRestfulUrl } from '../../reference/parse-reference.ts';
import { valueAtPath } from '../../reference/value-at-path.ts';
import { referencesOf } from '../../reference/walk-references.ts';
import type { ReferenceSite } from '../../reference/walk-references.ts';
import type { Taken } from './taken.ts';
import type { Lead } from './target.ts';

/** A person that a resource is about, as one of its references says. */
export interface About {
  /** Where the resource says so, as FHIRPath from it. */
  readonly path: string;
  /** Equal for the same person on the same server; unique for a person who cannot be told. */
  readonly key: string;
  /** The key by the identifier that stands beside the literal. */
  readonly identifier?: string | undefined;
}

/** The elements that name the person a resource is about, in R4 and R5; `deliverTo` does where it names a Patient. */
const aboutElements = ['subject', 'patient', 'beneficiary', 'for', 'individual', 'candidate', 'deliverFor'];

/** A reference that names a Patient, whichever server's. */
const patientLiteral = /(^|\/)Patient(\?|\/[^/]+(\/_history\/[^/]+)?$)/;

/** Whom a resource is about, as it and the resources within it (contained, in a Bundle or in Parameters) say. */
export interface WhomAbout {
  /** Those that an element for that names, and the Patients in a Bundle. */
  readonly every: readonly About[];
  /** For each resource without such an element, the patients that it refers to, as an Appointment does: it is about one of them at least, or about nobody. */
  readonly some: readonly (readonly About[])[];
}

/**
 * The persons that a resource is about. An element that names nobody, such as one with a display alone, means a person who cannot be told. A Patient in
 * a Bundle goes by its `fullUrl`, its id or its first identifier.
 */
export function whomAbout({ record, target: { key, server, type } }: Taken, lead: Lead): WhomAbout {
  if (type === 'Patient') {
    return { every: [{ path: type, key }], some: [] };
  }
  const { glimpse, references } = record;
  const holders = holdersIn(glimpse, type);
  const patients = holders.flatMap(({ holder, at, entry }) => (holder === entry?.['resource'] && holder['resourceType'] === 'Patient' ? [{ path: at, key: keyOfPatient(holder, at, entry), fullUrl: textIn(entry, 'fullUrl') }] : []));
  const named = new Map(patients.map((patient) => [patient.fullUrl, patient.key]));
  const every: About[] = [];
  const some: (readonly About[])[] = [];
  for (const held of holders) {
    const own = patientPaths(held).map((path) => aboutAt(path, held.entry));
    const about = [...aboutPaths(held.holder, held.at).map((path) => aboutAt(path, held.entry)), ...own.filter(({ path }) => path === `${held.at}.deliverTo`)];
    every.push(...about);
    if (about.length === 0 && held.holder['resourceType'] !== 'Patient') some.push(own);
  }
  return { every: [...every, ...patients], some };

  function aboutAt(path: string, entry?: JsonObject): About {
    const unknown = `${key}#${path}`;
    const reference = valueAtPath(glimpse, path);
    const identifier = identifierKey(member(reference, 'identifier'));
    const said = textIn(reference, 'reference');
    if (said === undefined) {
      return { path, key: identifier ?? unknown };
    }
    // A relative reference in a Bundle means the server of the entry that holds it.
    const base = parseReference(said).form === 'relative' ? parseRestfulUrl(textIn(entry, 'fullUrl'))?.base : undefined;
    const literal = (base ?? '') + said;
    return { path, key: named.get(literal) ?? lead(literal, server)?.key ?? (/^https?:/i.test(literal) ? literal : unknown), identifier };
  }

  function keyOfPatient(patient: JsonObject, at: string, entry: JsonObject): string {
    const url = textIn(entry, 'fullUrl') ?? `Patient/${textIn(patient, 'id') ?? ''}`;
    return lead(url, server)?.key ?? objectsIn(patient['identifier']).map(identifierKey).find((name) => name !== undefined) ?? `${key}#${at}`;
  }

  /** Where a resource, those within it aside, names a patient. */
  function patientPaths({ holder, at, entry }: Holder): readonly string[] {
    const contained = objectsIn(member(entry?.['resource'] ?? glimpse, 'contained'));
    const namesPatient = ({ path, literal }: ReferenceSite): boolean =>
      literal === undefined
        ? textIn(valueAtPath(holder, path), 'type') === 'Patient'
        : patientLiteral.test(literal) || named.has(literal) || contained.some(({ id, resourceType }) => `#${String(id)}` === literal && resourceType === 'Patient');
    const sites = holder === glimpse ? references : referencesOf(holder);
    return sites.flatMap((site) => (site.container === undefined && !site.path.includes('.contained') && namesPatient(site) ? [at + site.path.slice(site.path.indexOf('.'))] : []));
  }
}

/** A resource, its path, and the entry of a Bundle, or the parameter, that holds it. */
interface Holder {
  readonly holder: JsonObject;
  readonly at: string;
  readonly entry: JsonObject | undefined;
}

/** A resource and all that are within it. */
function holdersIn(value: unknown, at: string, entry?: JsonObject): readonly Holder[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => holdersIn(item, `${at}[${index}]`, entry));
  }
  if (!isObject(value)) {
    return [];
  }
  const within = Object.entries(value).flatMap(([name, child]) => (typeof child === 'object' ? holdersIn(child, `${at}.${name}`, name === 'resource' ? value : entry) : []));
  return textIn(value, 'resourceType') === undefined ? within : [{ holder: value, at, entry }, ...within];
}

/** The paths where a resource names the person it is about. */
function aboutPaths(holder: JsonObject, at: string): readonly string[] {
  return aboutElements.flatMap((name) => {
    const value = member(holder, name);
    return Array.isArray(value) ? itemsOf(value).map((_, index) => `${at}.${name}[${index}]`) : value === undefined ? [] : [`${at}.${name}`];
  });
}

/** The key of a person by an identifier; `undefined` where the system or the value is missing: such an identifier may be anybody's. */
export function identifierKey(identifier: unknown): string | undefined {
  const [system, value] = [textIn(identifier, 'system'), textIn(identifier, 'value')];
  return system === undefined || value === undefined ? undefined : `${identifierMark}${system}|${value}`;
}

/** The part of an identifier's key before its value. */
export function systemOf(name: string): string {
  return name.slice(0, name.indexOf('|'));
}

/** Whether a person's key is an identifier's. */
export function isIdentifierKey(key: string): boolean {
  return key.startsWith(identifierMark);
}

const identifierMark = 'identifier:';
