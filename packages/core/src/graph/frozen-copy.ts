import { requireDepth } from '../reference/walk-references.ts';

/**
 * A deep copy of plain JSON, frozen throughout; the original is neither changed nor frozen. `undefined` members, which JSON does not have, are
 * left out, and a value with a `toJSON`, such as a Date, is copied as that gives it.
 *
 * @param depth - how many levels are above the value already.
 * @throws {MessagingError} `input.limit` when the value is nested more than 200 levels deep, as one that holds itself is.
 */
export function frozenCopy<T>(value: T, depth?: number): T;
export function frozenCopy(value: Written | string | number | boolean | null | undefined, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  requireDepth(depth);
  if (typeof value.toJSON === 'function') {
    return frozenCopy(value.toJSON(), depth + 1);
  }
  return Object.freeze(Array.isArray(value) ? copyOfList(value, depth) : copyOfObject(value, depth));
}

/** An object, which may say itself how it is written. */
interface Written {
  readonly toJSON?: (() => unknown) | undefined;
}

function copyOfList(value: readonly unknown[], depth: number): readonly unknown[] {
  const copy = value.slice();
  for (let index = 0; index < copy.length; index += 1) copy[index] = frozenCopy(copy[index], depth + 1);
  return copy;
}

function copyOfObject(value: object, depth: number): object {
  // The spread makes a member named `__proto__` the copy's own, so that the assignment below meets a plain member.
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) {
    const item = copy[name];
    if (typeof item === 'object') {
      copy[name] = frozenCopy(item, depth + 1);
    } else if (item === undefined) {
      Reflect.deleteProperty(copy, name);
    }
  }
  return copy;
}
