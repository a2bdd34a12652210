/** The value of an object's member; `undefined` for none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** The text that an object holds under a name; `undefined` where there is none, or it is empty. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The first item of the array that an object holds under a name. */
export function firstIn(value: unknown, name: string): unknown {
  const found = member(value, name);
  return Array.isArray(found) ? found[0] : undefined;
}
