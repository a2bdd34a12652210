/** JSON that is the same for values that differ in the order of their members only. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join()}]`;
  }
  if (!isRecord(value)) {
    return JSON.stringify(value);
  }
  let members = '';
  for (const name of Object.keys(value).sort()) {
    const held = value[name];
    if (held !== undefined) {
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(held)}`;
    }
  }
  return `{${members}}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
