import { MessagingError } from '../errors.ts';
import { isObject, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';

/** One Reference in a resource. */
export interface ReferenceSite {
  /** Where it stands, as FHIRPath from its resource: `ServiceRequest.performer[0]`. */
  readonly path: string;
  /** `Reference.reference`; `undefined` where there is only an identifier. */
  readonly literal: string | undefined;
  /** The path of the resource whose contained resources `#id` means; `undefined` for the outermost. */
  readonly container: string | undefined;
}

/** How deep a resource may be nested before walking it is refused; real resources stay below 40. */
export const maxDepth = 200;

/**
 * Every Reference in a resource, in document order, contained resources included.
 *
 * A Bundle, nested or not, is a scope of its own: its references are left out.
 *
 * @throws {MessagingError} `input.limit` when something is nested deeper than a graph hands out, in a nested Bundle too.
 */
export function referencesOf(resource: JsonObject): readonly ReferenceSite[] {
  const sites: FoundSite[] = [];
  // An entry's copy starts at the entry, one level above its resource.
  visit(resource, 1, sites, '');
  // A list that grew has room to spare, and this one is kept.
  return sites.slice();
}

/** The start of paths into a resource: its type where that is a name, else `Resource`. */
export function pathStart(resource: unknown): string {
  const type = textIn(resource, 'resourceType');
  return type && !/\W/.test(type) ? type : 'Resource';
}

/** Refuses a depth over {@link maxDepth}, which a value that holds itself has. @throws {MessagingError} `input.limit`. */
export function requireDepth(depth: number): void {
  if (depth > maxDepth) {
    throw new MessagingError('input.limit', `It is over ${maxDepth} levels deep.`);
  }
}

/** A site while it is collected. Its path is put together on the way back up, so that no path is built that leads to no Reference. */
interface FoundSite extends ReferenceSite {
  path: string;
  container: string | undefined;
}

/**
 * Collects the sites at and below a node.
 *
 * @param step - the name or the index that led to the node.
 */
function visit(node: object, depth: number, sites: FoundSite[], step: string | number): void {
  requireDepth(depth);
  const start = sites.length;
  if (Array.isArray(node)) {
    for (let index = 0; index < node.length; index += 1) {
      const item: unknown = node[index];
      if (typeof item === 'object' && item !== null) visit(item, depth + 1, sites, index);
    }
  } else if (isObject(node)) {
    visitMembers(node, depth, sites);
  }
  if (sites.length > start) {
    const own = typeof step === 'number' ? `[${step}]` : depth > 1 ? `.${step}` : pathStart(node);
    const isContainer = step === 'resource' && textIn(node, 'resourceType') !== undefined;
    for (let at = start; at < sites.length; at += 1) {
      const site = sites[at];
      if (site === undefined) continue;
      site.path = own + site.path;
      if (isContainer || site.container !== undefined) site.container = own + (site.container ?? '');
    }
  }
}

function visitMembers(node: JsonObject, depth: number, sites: FoundSite[]): void {
  const start = sites.length;
  let isBundle = false;
  let isLiteral = false;
  let hasIdentifier = false;
  for (const name in node) {
    const child = node[name];
    if (typeof child === 'object' && child !== null) {
      hasIdentifier ||= name === 'identifier';
      visit(child, depth + 1, sites, name);
    } else if (name === 'reference' && typeof child === 'string') {
      isLiteral = true;
      sites.push({ path: '', literal: child, container: undefined });
    } else if (name === 'resourceType' && child === 'Bundle') {
      isBundle = true;
    }
  }
  if (isBundle) {
    sites.length = start;
  } else if (hasIdentifier && !isLiteral && depth > 1 && isLogicalReference(node)) {
    sites.splice(start, 0, { path: '', literal: undefined, container: undefined });
  }
}

const referenceMember = /^(id|extension|identifier|_?(type|display|reference))$/;

/** Whether an element is a Reference without a literal: it has an identifier, and no member that a Reference lacks. */
export function isLogicalReference(node: JsonObject): boolean {
  return isObject(node['identifier']) && Object.keys(node).every((name) => referenceMember.test(name));
}
