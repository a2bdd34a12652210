/** JSON that is the same for values that differ in the order of their members only. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') {
    return quoted(value);
  }
  // One text that grows: lists of texts that are joined cost twice as much, for every message.
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) {
      text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
    }
    return `[${text}]`;
  }
  if (!isRecord(value)) {
    return JSON.stringify(value);
  }
  for (const name of inOrder(Object.keys(value))) {
    const held = value[name];
    if (held !== undefined) {
      text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalJson(held)}`;
    }
  }
  return `{${text}}`;
}

/** By insertion where they are few, as in a resource: what the engine does to sort them costs as much as all the rest. */
function inOrder(names: string[]): string[] {
  if (names.length > 20) {
    return names.sort();
  }
  for (let next = 1; next < names.length; next += 1) {
    const name = names[next] ?? '';
    let at = next;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}

const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Most texts are written as they are; to find that out costs less than `JSON.stringify` does for each. */
function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
