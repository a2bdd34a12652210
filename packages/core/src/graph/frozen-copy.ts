import { MessagingError } from '../errors.ts';
import { maxDepth } from '../reference/walk-references.ts';

/**
 * A deep copy of plain JSON, frozen throughout; the original is neither changed nor frozen. Members that are `undefined`, which JSON has
 * not, are left out.
 *
 * @throws {MessagingError} `input.limit` when it is nested more than 200 levels deep, as a value that holds itself is.
 */
export function frozenCopy<T>(value: T): T;
export function frozenCopy(value: unknown): unknown {
  return copyOf(value, 0);
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (depth > maxDepth) {
    throw new MessagingError('input.limit', `A value is nested more than ${maxDepth} levels deep.`);
  }
  return Object.freeze(Array.isArray(value) ? copyOfArray(value, depth) : copyOfObject(value, depth));
}

function copyOfArray(value: readonly unknown[], depth: number): unknown[] {
  const length = value.length;
  const copy = new Array<unknown>(length);
  for (let index = 0; index < length; index += 1) {
    const item = value[index];
    copy[index] = typeof item === 'object' && item !== null ? copyOf(item, depth + 1) : item;
  }
  return copy;
}

function copyOfObject(value: object, depth: number): object {
  // The spread makes a member named `__proto__` the copy's own, so that the assignment below meets a plain member.
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) {
    const item = copy[name];
    if (typeof item === 'object' && item !== null) {
      copy[name] = copyOf(item, depth + 1);
    } else if (item === undefined) {
      Reflect.deleteProperty(copy, name);
    }
  }
  return copy;
}

/** A frozen copy that takes over from `known`, itself frozen, all that is the same there: `known` itself where nothing differs. */
export function frozenLike<T>(value: T, known: unknown): T;
export function frozenLike(value: unknown, known: unknown): unknown {
  return likeOf(value, known, 0);
}

function likeOf(value: unknown, known: unknown, depth: number): unknown {
  if (value === known) {
    return known;
  }
  if (!isStructure(value) || !isStructure(known) || Array.isArray(value) !== Array.isArray(known) || depth > maxDepth) {
    return copyOf(value, depth);
  }
  const copy: Structure = Array.isArray(value) ? Object.assign([], value) : { ...value };
  const names = Object.keys(copy).filter((name) => copy[name] !== undefined || !Reflect.deleteProperty(copy, name));
  let same = names.length === Object.keys(known).length;
  for (const name of names) {
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    copy[name] = likeOf(copy[name], before, depth + 1);
    same &&= copy[name] === before;
  }
  return same ? known : Object.freeze(copy);
}

type Structure = Record<string, unknown>;

function isStructure(value: unknown): value is Structure {
  return typeof value === 'object' && value !== null;
}
