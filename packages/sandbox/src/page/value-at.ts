import { isJsonObject } from '../json-object.ts';

/** The value at a JSON Pointer (RFC 6901), as text for a reader; `undefined` where there is none. */
export function valueAt(resource: unknown, pointer: string): string | undefined {
  const value = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(memberOf, resource);
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items[Number(name)];
  }
  return isJsonObject(value) ? value[name] : undefined;
}
