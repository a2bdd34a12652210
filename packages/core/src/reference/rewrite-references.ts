import { isObject } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { pathStart } from './walk-references.ts';

/** New literals by the path of their Reference, as {@link referencesOf} tells it. */
export type Rewrites = ReadonlyMap<string, string>;

/** The resource with some literals replaced; parts without one are the same objects as before. */
export function rewriteReferences(resource: JsonObject, rewrites: Rewrites): JsonObject {
  if (rewrites.size === 0) {
    return resource;
  }
  const rewritten = rewriteNode(resource, pathStart(resource), pathsAbove(rewrites), rewrites);
  return isObject(rewritten) ? rewritten : resource;
}

function rewriteNode(node: unknown, path: string, above: ReadonlySet<string>, rewrites: Rewrites): unknown {
  const literal = rewrites.get(path);
  if (literal === undefined && !above.has(path)) {
    return node;
  }
  if (Array.isArray(node)) {
    return node.map((item: unknown, index) => rewriteNode(item, `${path}[${index}]`, above, rewrites));
  }
  if (!isObject(node)) {
    return node;
  }
  // A Reference may hold others: the assigner of its identifier, an extension.
  const copy: Record<string, unknown> = { ...node };
  for (const name in copy) {
    copy[name] = rewriteNode(copy[name], `${path}.${name}`, above, rewrites);
  }
  return literal === undefined ? copy : { ...copy, reference: literal };
}

/** Every path that leads to a rewritten one: `A.b[0].c` is reached through `A`, `A.b` and `A.b[0]`. */
function pathsAbove(rewrites: Rewrites): ReadonlySet<string> {
  const above = new Set<string>();
  for (const path of rewrites.keys()) {
    for (let at = path.length - 1; at > 0; at -= 1) {
      const mark = path[at];
      if (mark === '.' || mark === '[') {
        above.add(path.slice(0, at));
      }
    }
  }
  return above;
}
