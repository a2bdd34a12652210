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
 * A Bundle, nested or not, is a scope of its own: what is found in it is left out.
 *
 * @throws {MessagingError} `input.limit` when something is nested deeper than a graph hands out, in a nested Bundle too.
 */
export function referencesOf(resource: JsonObject): readonly ReferenceSite[] {
  const walk = new Walk(textIn(resource, 'resourceType') ?? 'Resource');
  // An entry's copy starts at the entry, one level above its resource.
  walk.visit(resource, 1, undefined);
  // A list that grew has room to spare, and this one is kept.
  return walk.sites.slice();
}

/** Refuses what is nested deeper than that, as a value that holds itself is. @throws {MessagingError} `input.limit`. */
export function requireDepth(depth: number): void {
  if (depth > maxDepth) {
    throw new MessagingError('input.limit', `It is nested more than ${maxDepth} levels deep.`);
  }
}

/** One walk through a resource. A path is made for what is found, not for what is passed. */
class Walk {
  readonly sites: ReferenceSite[] = [];
  /** The resource's type, then the member's name or the item's index at each level; what is below the present one is left over. */
  readonly #trail: (string | number)[];

  constructor(type: string) {
    this.#trail = [type];
  }

  visit(node: unknown, depth: number, container: string | undefined): void {
    requireDepth(depth);
    if (Array.isArray(node)) {
      for (let index = 0; index < node.length; index += 1) {
        const item: unknown = node[index];
        if (typeof item === 'object') {
          this.#trail[depth] = index;
          this.visit(item, depth + 1, container);
        }
      }
    } else if (isObject(node)) {
      this.#visitObject(node, depth, container);
    }
  }

  #visitObject(node: JsonObject, depth: number, container: string | undefined): void {
    const before = this.sites.length;
    let isBundle = false;
    let isLiteral = false;
    let hasIdentifier = false;
    for (const name in node) {
      const child = node[name];
      if (typeof child === 'object') {
        hasIdentifier ||= name === 'identifier';
        this.#trail[depth] = name;
        const isContainer = name === 'resource' && textIn(child, 'resourceType') !== undefined;
        this.visit(child, depth + 1, isContainer ? this.#path(depth + 1) : container);
      } else if (name === 'reference' && typeof child === 'string') {
        isLiteral = true;
        this.sites.push({ path: this.#path(depth), literal: child, container });
      } else if (name === 'resourceType' && child === 'Bundle') {
        isBundle = true;
      }
    }
    if (isBundle) {
      this.sites.length = before;
    } else if (hasIdentifier && !isLiteral && depth > 1 && isLogicalReference(node)) {
      this.sites.splice(before, 0, { path: this.#path(depth), literal: undefined, container });
    }
  }

  #path(depth: number): string {
    const [type, ...steps] = this.#trail.slice(0, depth);
    return steps.reduce<string>((path, step) => path + (typeof step === 'number' ? `[${step}]` : `.${step}`), `${type}`);
  }
}

const referenceMembers = ['id', 'extension', 'type', 'identifier', 'display', '_type', '_display'];

/** A Reference with no literal is told from other elements that have an identifier by having nothing that a Reference has not. */
export function isLogicalReference(node: JsonObject): boolean {
  return isObject(node['identifier']) && Object.keys(node).every((name) => referenceMembers.includes(name));
}
