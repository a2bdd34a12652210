/** Where a text stops being JSON. */
export interface JsonFault {
  /** Counted from 1. */
  readonly line: number;
  /** In characters, counted from 1. */
  readonly column: number;
  /** The token that would have been right there. */
  readonly expected: string;
}

/** The tokens that may come next, and how each begins. */
const tokens = {
  'a value': /["[{]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y,
  'a property name in double quotes': /"/y,
  '":"': /:/y,
  '","': /,/y,
  'the end of the text': /$/y,
};

const blank = /[ \t\n\r]*/y;
const plainText = /[^"\\\u0000-\u001f]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds where a text stops being JSON and what was expected there, or `undefined` where all of it is JSON.
 *
 * An engine's own message quotes the text, which may be a patient's.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  /** The marks that end the lists and objects around the place. */
  const ends: string[] = [];
  let next: keyof typeof tokens = 'a value';
  let mayEnd = false;
  let at = 0;

  const take = (what: RegExp): string | undefined => {
    what.lastIndex = at;
    const found = what.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const fault = (expected: string): JsonFault => {
    const before = text.slice(0, at).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, expected };
  };

  for (;;) {
    take(blank);
    const isEnd: boolean = mayEnd && text[at] === ends.at(-1);
    const found: string | undefined = isEnd ? ends.pop() : take(tokens[next]);
    if (found === undefined) return fault(mayEnd ? `${next} or "${ends.at(-1) ?? ''}"` : next);
    if (found === '') return undefined;
    if (isEnd) at += 1;
    if (found === '"') {
      do take(plainText);
      while (take(escaped));
      if (!take(tokens['a property name in double quotes'])) return fault('the rest of a string, or the double quote that ends it');
    }
    mayEnd = found === '[' || found === '{';
    if (mayEnd) ends.push(found === '[' ? ']' : '}');
    if (mayEnd || found === ',') {
      next = ends.at(-1) === ']' ? 'a value' : 'a property name in double quotes';
    } else if (found === ':') {
      next = 'a value';
    } else if (next === 'a property name in double quotes' && !isEnd) {
      next = '":"';
    } else {
      mayEnd = ends.length > 0;
      next = mayEnd ? '","' : 'the end of the text';
    }
  }
}
