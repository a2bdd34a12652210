/** A reference's literal, taken apart. */
export type ParsedReference =
  /** `#id` names a contained resource, `#` (an empty id) the container. */
  | { readonly form: 'fragment'; readonly id: string }
  /** The name `Type/id`; a trailing `/_history/version` is taken off. */
  | { readonly form: 'relative'; readonly name: string; readonly version: string | undefined }
  /** An absolute URI; a trailing `/_history/version` is taken off. */
  | { readonly form: 'absolute'; readonly url: string; readonly version: string | undefined }
  /** `Type?search`, which only a transaction gives a meaning. */
  | { readonly form: 'conditional' }
  /** Anything else. */
  | { readonly form: 'not-a-reference' };

/** The parts of a URL that ends in `Type/id`, as a FHIR server's does. */
export interface RestfulUrl {
  /** Everything before `Type/id`, its last slash included. */
  readonly base: string;
  /** `Type/id`. */
  readonly name: string;
}

const history = '/_history/';
/** A `Type/id`. */
export const relative: RegExp = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;
// One class for the whole path: a group repeated for each part would overflow the engine's stack on a very long URL.
const server = /^https?:\/\/[^/?#\s][^?#\s]*\/$/i;
const scheme = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Takes a reference's literal apart, without looking anything up.
 *
 * @see {@link https://hl7.org/fhir/R4/references.html#literal} Literal references
 */
export function parseReference(literal: string): ParsedReference {
  if (literal.startsWith('#')) {
    return { form: 'fragment', id: literal.slice(1) };
  }
  const at = literal.indexOf(history);
  const bare = at < 0 ? literal : literal.slice(0, at);
  const version = at < 0 ? undefined : literal.slice(at + history.length);
  if (relative.test(bare)) {
    return { form: 'relative', name: bare, version };
  }
  if (scheme.test(bare)) {
    return { form: 'absolute', url: bare, version };
  }
  return { form: /^[A-Z][A-Za-z]+\?/.test(literal) ? 'conditional' : 'not-a-reference' };
}

/**
 * The base and the name of a URL that looks like a FHIR server's, or `undefined`.
 *
 * @see {@link https://hl7.org/fhir/R4/references.html#regex} The regular expression for RESTful URLs
 */
export function parseRestfulUrl(url = ''): RestfulUrl | undefined {
  const at = url.lastIndexOf('/', url.lastIndexOf('/') - 1) + 1;
  const base = url.slice(0, at);
  const name = url.slice(at);
  if (base !== lastBase && server.test(base)) {
    lastBase = base;
  }
  return base === lastBase && relative.test(name) ? { base: lastBase, name } : undefined;
}

/** Most URLs are on the server that the one before was on. */
let lastBase: string | undefined;

/** The type in a name `Type/id`. */
export function typeIn(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

/** The id in a name `Type/id`. */
export function idIn(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** Whether a text is an absolute URI, as a `fullUrl` has to be: a URL names its server, a `urn:` a name in a namespace, and neither has white space (datatypes.html#uri). */
export function isAbsoluteUri(text: string): boolean {
  return scheme.test(text) && !/\s|^https?:(?!\/\/[^/?#])|^urn:(?![^:]+:.)/i.test(text);
}

/** A literal with a version put back where one was taken off. */
export function withVersion(literal: string, version: string | undefined): string {
  return version === undefined ? literal : `${literal}${history}${version}`;
}

/** A literal with its version taken off. */
export function withoutVersion(literal: string): string {
  const at = literal.indexOf(history);
  return at < 0 ? literal : literal.slice(0, at);
}

/** Whether a URI names one version of a resource, which a `fullUrl` may not (bdl-8). */
export function namesVersion(uri: string): boolean {
  return uri.includes(history);
}
