import { present } from '../fhir/json.ts';
import { maxDepth } from '../reference/walk-references.ts';
import { frozenCopy } from './frozen-copy.ts';

/**
 * A frozen copy that shares every equal part with `known`, which is frozen itself; where nothing differs, the copy is `known`.
 *
 * @param depth - how many levels are above the value already.
 */
export function frozenLike<T>(value: T, known: unknown, depth?: number): T;
export function frozenLike(value: unknown, known: unknown, depth = 0): unknown {
  if (value === known) {
    return known;
  }
  if (!isStructure(value) || typeof value['toJSON'] === 'function' || !isStructure(known) || Array.isArray(value) !== Array.isArray(known) || depth > maxDepth) {
    return frozenCopy(value, depth);
  }
  const copy: Structure = Array.isArray(value) ? Object.assign([], value) : present(value);
  const names = Object.keys(copy);
  let same = names.length === Object.keys(known).length;
  for (const name of names) {
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    copy[name] = frozenLike(copy[name], before, depth + 1);
    same &&= copy[name] === before;
  }
  return same ? known : Object.freeze(copy);
}

type Structure = Record<string, unknown>;

function isStructure(value: unknown): value is Structure {
  return typeof value === 'object' && value !== null;
}
