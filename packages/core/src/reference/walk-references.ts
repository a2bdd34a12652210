import { MessagingError } from '../errors.ts';
import { isObject } from '../fhir/json.ts';
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
 * A Bundle, nested or not, is a scope of its own and is not entered.
 */
export function referencesOf(resource: JsonObject): readonly ReferenceSite[] {
  const sites: ReferenceSite[] = [];
  const { resourceType } = resource;
  visit(resource, typeof resourceType === 'string' ? resourceType : 'Resource', undefined, 0, sites);
  return sites;
}

/** Refuses what is nested deeper than that, as a value that holds itself is. @throws {MessagingError} `input.limit`. */
export function requireDepth(depth: number): void {
  if (depth > maxDepth) {
    throw new MessagingError('input.limit', `It is nested more than ${maxDepth} levels deep.`);
  }
}

function visit(node: object, path: string, container: string | undefined, depth: number, sites: ReferenceSite[]): void {
  requireDepth(depth);
  if (Array.isArray(node)) {
    for (let index = 0; index < node.length; index += 1) {
      const item: unknown = node[index];
      if (typeof item === 'object' && item !== null) {
        visit(item, `${path}[${index}]`, container, depth + 1, sites);
      }
    }
    return;
  }
  if (!isObject(node) || node['resourceType'] === 'Bundle') {
    return;
  }
  const { reference, identifier } = node;
  if (typeof reference === 'string') {
    sites.push({ path, literal: reference, container });
  } else if (depth > 0 && identifier !== undefined && isLogicalReference(node)) {
    sites.push({ path, literal: undefined, container });
  }
  for (const name in node) {
    const child = node[name];
    if (typeof child === 'object' && child !== null) {
      const childPath = `${path}.${name}`;
      const isContainer = name === 'resource' && isObject(child) && typeof child['resourceType'] === 'string';
      visit(child, childPath, isContainer ? childPath : container, depth + 1, sites);
    }
  }
}

const referenceMembers = ['id', 'extension', 'type', 'identifier', 'display', '_type', '_display'];

/** A Reference with no literal is told from other elements that have an identifier by having nothing that a Reference has not. */
export function isLogicalReference(node: JsonObject): boolean {
  return isObject(node['identifier']) && Object.keys(node).every((name) => referenceMembers.includes(name));
}
