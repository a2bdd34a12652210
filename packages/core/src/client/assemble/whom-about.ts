import { isObject, itemsOf, member, objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { parseReference, parseRestfulUrl, withoutVersion } from '../../reference/parse-reference.ts';
import { valueAtPath } from '../../reference/value-at-path.ts';
import { isLogicalReference, requireDepth } from '../../reference/walk-references.ts';
import type { Taken } from './taken.ts';
import type { Lead } from './target.ts';

/** A person that a resource is about, as one of its references says. */
export interface About {
  /** Where the resource says so, as FHIRPath from it. */
  readonly path: string;
  /**
   * The key that the person goes by, equal for the same person on the same server and unique for a person who cannot be told; after it those by
   * the identifiers of a Patient within.
   */
  readonly keys: readonly [string, ...string[]];
  /** The keys by the identifiers beside a literal, which have to name the same person. */
  readonly identifiers?: readonly string[];
}

/** The elements that name the person a resource is about, in R4 and R5; `deliverTo` does where it names a Patient. */
const aboutElements = ['subject', 'patient', 'beneficiary', 'for', 'individual', 'candidate', 'deliverFor'];

/** A reference that names a Patient, whichever server's. */
const patientLiteral = /(^|\/)Patient(\?|\/[^/]+(\/_history\/[^/]+)?$)/;

/** Whom a resource is about, as it and the resources within it (contained, in a Bundle or in Parameters) say. */
export interface WhomAbout {
  /** Those that an element for that names, and the Patients in a Bundle. */
  readonly every: readonly About[];
  /**
   * For each resource without such an element, the patients that it refers to, as an Appointment does: it is about one of them at least, or about
   * nobody. Of a Patient and of a Bundle, which another person may have signed, none are read.
   */
  readonly some: readonly (readonly About[])[];
}

/**
 * The persons that a resource is about. An element that names nobody, such as one with a display alone, means a person who cannot be told. A Patient in
 * a Bundle goes by its `fullUrl`, its id or its first identifier. A Provenance within is about its targets, where all of them are within, too.
 *
 * @param systems - those of the person's identifiers: in them an identifier alone, without a type, names a patient.
 */
export function whomAbout({ record, target: { key, server, type } }: Taken, lead: Lead, systems?: ReadonlySet<string>): WhomAbout {
  if (type === 'Patient') {
    return { every: [{ path: type, keys: [key] }], some: [] };
  }
  const { glimpse } = record;
  const holders = holdersIn(glimpse, type);
  const urls = new Set(holders.map(({ entry }) => textIn(entry, 'fullUrl')));
  const patients = holders.flatMap(({ holder, at, entry }) => (holder === entry?.['resource'] && holder['resourceType'] === 'Patient' ? [patientIn(holder, at, entry)] : []));
  const named = new Map(patients.map(({ fullUrl, keys }) => [fullUrl, keys]));
  const every: About[] = [];
  const some: (readonly About[])[] = [];
  for (const held of holders) {
    const own = patientPaths(held).map((path) => aboutAt(path, held.entry));
    const about = [...aboutPaths(held.holder, held.at).map((path) => aboutAt(path, held.entry)), ...own.filter(({ path }) => path === `${held.at}.deliverTo`)];
    every.push(...about);
    if (about.length === 0 && !/^(Patient|Bundle)$/.test(String(held.holder['resourceType']))) some.push(own);
  }
  return { every: [...every, ...patients], some };

  function aboutAt(path: string, entry?: JsonObject): About {
    const unknown = `${key}#${path}`;
    const reference = valueAtPath(glimpse, path);
    const identifiers = identifierKeys(reference);
    const literal = literalOf(reference, entry);
    if (literal === '') {
      return { path, keys: [identifiers[0] ?? unknown] };
    }
    return { path, keys: named.get(literal) ?? [lead(literal, server)?.key ?? (/^https?:/i.test(literal) ? literal : unknown)], identifiers };
  }

  /** What a reference says, without its version; a relative one in a Bundle means the server of the entry that holds it. */
  function literalOf(reference: unknown, entry?: JsonObject): string {
    const said = textIn(reference, 'reference') ?? '';
    const base = parseReference(said).form === 'relative' ? parseRestfulUrl(textIn(entry, 'fullUrl'))?.base : undefined;
    return withoutVersion((base ?? '') + said);
  }

  function patientIn(patient: JsonObject, path: string, entry: JsonObject): About & { readonly fullUrl: string | undefined } {
    const fullUrl = textIn(entry, 'fullUrl');
    const identifiers = identifierKeys(patient);
    return { path, fullUrl, keys: [lead(fullUrl ?? `Patient/${textIn(patient, 'id') ?? ''}`, server)?.key ?? identifiers[0] ?? `${key}#${path}`, ...identifiers] };
  }

  /** Where a resource, those within it aside, names a patient. */
  function patientPaths({ holder, at, entry, references }: Holder): readonly string[] {
    const contained = objectsIn(member(entry?.['resource'] ?? glimpse, 'contained'));
    const namesPatient = (reference: JsonObject, path: string): boolean => {
      const literal = textIn(reference, 'reference');
      // Some systems number practitioners, too; no `practitioner` is a patient.
      const mayBe = !path.endsWith('.practitioner') && identifierKeys(reference).some((name) => systems?.has(systemOf(name)));
      return literal === undefined
        ? (textIn(reference, 'type') ?? (mayBe && 'Patient')) === 'Patient'
        : patientLiteral.test(literal) || named.has(literal) || contained.some(({ id, resourceType }) => `#${String(id)}` === literal && resourceType === 'Patient');
    };
    const targets = holder !== glimpse && holder['resourceType'] === 'Provenance' ? objectsIn(holder['target']).map((target) => literalOf(target, entry)) : [];
    const isOfWithin = targets.length > 0 && targets.every((target) => target.startsWith('#') || urls.has(target));
    return references.flatMap(({ path, reference }) => (namesPatient(reference, path) && (!isOfWithin || path.startsWith(`${at}.target`)) ? path : []));
  }
}

/** A resource, its path, the entry of a Bundle, or the parameter, that holds it, and its references, not those of resources within it. */
interface Holder {
  readonly holder: JsonObject;
  readonly at: string;
  readonly entry: JsonObject | undefined;
  readonly references: { readonly path: string; readonly reference: JsonObject }[];
}

/** A resource and all that are within it, by one walk. */
function holdersIn(value: unknown, at: string, entry?: JsonObject, outer?: Holder, depth = 1): readonly Holder[] {
  requireDepth(depth);
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => holdersIn(item, `${at}[${index}]`, entry, outer, depth + 1));
  }
  if (!isObject(value)) {
    return [];
  }
  const own = textIn(value, 'resourceType') === undefined ? outer : { holder: value, at, entry, references: [] };
  if (textIn(value, 'reference') !== undefined || isLogicalReference(value)) own?.references.push({ path: at, reference: value });
  const within = Object.entries(value).flatMap(([name, child]) => (typeof child === 'object' ? holdersIn(child, `${at}.${name}`, name === 'resource' ? value : entry, own, depth + 1) : []));
  return own === undefined || own === outer ? within : [own, ...within];
}

/** The paths where a resource names the person it is about. */
function aboutPaths(holder: JsonObject, at: string): readonly string[] {
  return aboutElements.flatMap((name) => {
    const value = member(holder, name);
    return Array.isArray(value) ? itemsOf(value).map((_, index) => `${at}.${name}[${index}]`) : value === undefined ? [] : [`${at}.${name}`];
  });
}

/** The keys of a person by the identifiers of a Patient or a Reference, without those that lack a system or a value: they may be anybody's. */
export function identifierKeys(holder: unknown): readonly string[] {
  return [member(holder, 'identifier')].flat().flatMap((identifier) => {
    const [system, value] = [textIn(identifier, 'system'), textIn(identifier, 'value')];
    return system === undefined || value === undefined ? [] : `${identifierMark}${system}|${value}`;
  });
}

/** The part of an identifier's key before its value; of every other key an empty text. */
export function systemOf(name: string): string {
  return name.slice(0, name.indexOf('|') + 1);
}

/** Whether a person's key is an identifier's. */
export function isIdentifierKey(key: string): boolean {
  return key.startsWith(identifierMark);
}

const identifierMark = 'identifier:';
