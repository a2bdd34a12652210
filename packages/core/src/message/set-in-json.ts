/** The names and positions that lead to a value. */
export type JsonPath = readonly (string | number)[];

/** The next token, behind blanks: the quote that a string begins with, a mark, or any other word. */
const token = /\s*(["[\]{}:,]|[^\s"[\]{}:,]+)/y;
const between = /[\s,:]*/y;

/**
 * JSON with one value set, and every other byte as it was: a text that is parsed and written anew has `1.1` for `1.10`.
 *
 * A new member comes first, a new item last; its parent has to be there. Of several members of one name the last is meant, as by `JSON.parse`.
 *
 * @param text - JSON; no comments.
 * @param parent - the offset of the object or list that the path leads from.
 */
export function setInJson(text: string, [name = '', ...rest]: JsonPath, value: unknown, parent: number = skip(text, 0)): string {
  const isObject = text[parent] === '{';
  const first = skip(text, parent + 1);
  let at = first;
  let found: readonly [start: number, end: number] | undefined;
  // Past the end `charAt` gives the empty text, which every text includes: that ends the loop too.
  for (let position = 0; !'}]'.includes(text.charAt(at)); position += 1) {
    const nameEnd = isObject ? endOf(text, at) : at;
    const own: unknown = isObject ? JSON.parse(text.slice(at, nameEnd)) : position;
    const start = skip(text, nameEnd);
    const end = endOf(text, start);
    if (own === name) found = [start, end];
    at = skip(text, end);
  }
  const written = JSON.stringify(value);
  if (found) {
    return rest.length > 0 ? setInJson(text, rest, value, found[0]) : text.slice(0, found[0]) + written + text.slice(found[1]);
  }
  const comma = at > first ? ',' : '';
  const [start, added] = isObject ? [parent + 1, `${JSON.stringify(name)}:${written}${comma}`] : [at, comma + written];
  return text.slice(0, start) + added + text.slice(start);
}

/** Past blanks, commas and colons. */
function skip(text: string, start: number): number {
  between.lastIndex = start;
  between.exec(text);
  return between.lastIndex;
}

/** Where the value, or the name, that begins here ends. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let end = start;
  do {
    token.lastIndex = end;
    const mark = token.exec(text)?.[1];
    if (mark === undefined) {
      return text.length;
    }
    end = mark === '"' ? endOfString(text, token.lastIndex) : token.lastIndex;
    depth += Number('{['.includes(mark)) - Number('}]'.includes(mark));
  } while (depth > 0);
  return end;
}

/** Step by step: an expression for a whole string would overflow the engine's stack on a very long one. */
function endOfString(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}
