/** Where a text stops being JSON. */
export interface JsonFault {
  /** Counted from 1. */
  readonly line: number;
  /** In characters, counted from 1. */
  readonly column: number;
  /** What would have been right there. */
  readonly expected: string;
}

/** What may come next: a value, a name, the mark after either, and whether the list or object may end here. */
type Next = 'a value' | 'a property name in double quotes' | '":"' | '","' | 'the end of the text';

const blank = /[ \t\n\r]*/y;
const plainText = /[^"\\\u0000-\u001f]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Finds where a text stops being JSON and what was expected there, or `undefined` where all of it is JSON.
 *
 * Engines say it in words of their own that quote the text, which may be a patient's.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const ends: string[] = [];
  let next: Next = 'a value';
  let mayEnd = false;
  let at = 0;

  const take = (what: RegExp | string): boolean => {
    if (typeof what === 'string') {
      const found = text[at] === what;
      at += found ? 1 : 0;
      return found;
    }
    what.lastIndex = at;
    const found = what.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  const fault = (expected: string): JsonFault => {
    const before = text.slice(0, at).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, expected };
  };
  const open = (end: string): void => {
    ends.push(end);
    next = end === ']' ? 'a value' : 'a property name in double quotes';
    mayEnd = true;
  };

  for (;;) {
    take(blank);
    const end = ends.at(-1);
    if (next === 'the end of the text' && at === text.length) {
      return undefined;
    }
    if (mayEnd && end !== undefined && take(end)) {
      ends.pop();
      next = ends.length === 0 ? 'the end of the text' : '","';
      continue;
    }
    const expected: string = mayEnd && end !== undefined ? `${next} or "${end}"` : next;
    mayEnd = false;
    if (next === '":"' || next === '","') {
      if (!take(next[1] ?? '')) return fault(expected);
      next = next === '":"' || end === ']' ? 'a value' : 'a property name in double quotes';
    } else if (next !== 'the end of the text' && take('"')) {
      do take(plainText);
      while (take(escaped));
      if (!take('"')) return fault('the rest of a string, or the double quote that ends it');
      next = next === 'a value' ? '","' : '":"';
      mayEnd = next === '","';
    } else if (next === 'a value' && take('[')) {
      open(']');
    } else if (next === 'a value' && take('{')) {
      open('}');
    } else if (next === 'a value' && take(scalar)) {
      next = '","';
      mayEnd = true;
    } else {
      return fault(expected);
    }
    if (next === '","' && ends.length === 0) next = 'the end of the text';
  }
}
