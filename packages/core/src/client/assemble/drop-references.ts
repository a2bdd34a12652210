import { isObject } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';

/**
 * The resource without the literals at some paths. A Reference that has nothing left goes with its literal, and so does an element or extension that
 * held nothing else: FHIR has no empty element (ele-1), and no extension without a value (ext-1). An identifier or a display, which says the same in
 * another way, stays.
 */
export function dropReferences(resource: JsonObject, paths: ReadonlySet<string>): JsonObject {
  const left = paths.size === 0 ? resource : without(resource, String(resource['resourceType']), paths);
  return isObject(left) ? left : resource;
}

function without(node: unknown, path: string, paths: ReadonlySet<string>): unknown {
  if (Array.isArray(node)) {
    const items = node.map((item: unknown, index) => without(item, `${path}[${index}]`, paths));
    if (items.every((item, index) => item === node[index])) return node;
    // A null stands for a primitive without an extension: in such a list every item keeps its position.
    const left = node.includes(null) || primitiveExtensions.test(path) ? items.map((item) => item ?? null) : items.filter((item) => item !== undefined);
    return left.some((item) => item !== null) ? left : undefined;
  }
  if (!isObject(node)) {
    return node;
  }
  const members = Object.entries(node).map(([name, child]) => [name, name === 'reference' && paths.has(path) ? undefined : without(child, `${path}.${name}`, paths)] as const);
  if (members.every(([name, child]) => child === node[name])) {
    return node;
  }
  const left = members.filter(([, child]) => child !== undefined);
  const isLeftOver = left.length === 0 || extension.test(path) || members.some(([name, child]) => child === undefined && name !== 'extension');
  return isLeftOver && left.every(([name, child]) => saysNothing.includes(name) && typeof child === 'string') ? undefined : Object.fromEntries(left);
}

const primitiveExtensions = /\._\w+$/;
const extension = /\.(modifierE|e)xtension\[\d+\]$/;

/** The members that say nothing by themselves: all that is left of a Reference, an extension or a link whose target is gone. */
const saysNothing = ['id', 'url', 'type'];
