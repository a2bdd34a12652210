/** Where a value is, by the names and positions that lead to it. */
export type JsonPath = readonly (string | number)[];

const between = /[\s,:]*/y;

/**
 * JSON with one value set, every other byte of it as it was: what is parsed and written anew is another text, in which `1.10` is `1.1`.
 *
 * A member that is not there yet comes first, an item last; what holds it has to be there. Of members of one name the last is meant, as by
 * `JSON.parse`.
 *
 * @param text - JSON; no comments.
 */
export function setInJson(text: string, path: JsonPath, value: unknown): string {
  let at = skip(text, 0);
  for (const [depth, name] of path.entries()) {
    const found = childOf(text, at, name);
    if (depth === path.length - 1) {
      return found.start === undefined ? insert(text, found, name, value) : splice(text, found.start, found.end, JSON.stringify(value));
    }
    if (found.start === undefined) {
      throw new RangeError(`Nothing in the JSON could hold ${path.join('.')}.`);
    }
    at = found.start;
  }
  return text;
}

/** What is under a name; `start` is undefined where there is nothing yet, which would go to `end`. */
interface Child {
  readonly start: number | undefined;
  readonly end: number;
  /** Whether what holds it has nothing in it. */
  readonly isOnly: boolean;
}

function childOf(text: string, parent: number, name: string | number): Child {
  const isObject = text[parent] === '{';
  const first = skip(text, parent + 1);
  let found: Child | undefined;
  let at = first;
  let position = 0;
  for (; at < text.length && text[at] !== '}' && text[at] !== ']'; position += 1) {
    const nameEnd = isObject ? endOfString(text, at) : at;
    const own: unknown = isObject ? JSON.parse(text.slice(at, nameEnd)) : position;
    const start = skip(text, nameEnd);
    const end = endOfValue(text, start);
    if (own === name) found = { start, end, isOnly: false };
    at = skip(text, end);
  }
  return found ?? { start: undefined, end: isObject ? parent + 1 : at, isOnly: at === first };
}

function insert(text: string, { end, isOnly }: Child, name: string | number, value: unknown): string {
  const written = JSON.stringify(value);
  const comma = isOnly ? '' : ',';
  return splice(text, end, end, typeof name === 'string' ? `${JSON.stringify(name)}:${written}${comma}` : `${comma}${written}`);
}

function splice(text: string, start: number, end: number, written: string): string {
  return text.slice(0, start) + written + text.slice(end);
}

/** Past blanks, commas and colons. */
function skip(text: string, at: number): number {
  between.lastIndex = at;
  return at + (between.exec(text)?.[0].length ?? 0);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const mark = text[at] ?? '';
    if (depth === 0 && ' \t\n\r,}]'.includes(mark)) {
      return at;
    }
    if (mark === '{' || mark === '[') depth += 1;
    if (mark === '}' || mark === ']') depth -= 1;
    at = mark === '"' ? endOfString(text, at) : at + 1;
    if (depth === 0 && '"}]'.includes(mark)) {
      return at;
    }
  }
  return at;
}
