/** A JSON object whose members have not been looked at yet. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Whether a value is a JSON object: neither `null` nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The elements of an array, and of anything else none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects in an array, and of anything else none. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return itemsOf(value).filter(isObject);
}

/** An object's own member, never its prototype's. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The object that an object holds under a name, or `undefined`. */
export function objectIn(value: unknown, name: string): JsonObject | undefined {
  const found = member(value, name);
  return isObject(found) ? found : undefined;
}

/** The string that an object holds under a name, or `undefined`. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return isText(found) ? found : undefined;
}

/** An object without its `undefined` members, which JSON does not have. */
export function present<TObject extends object>(object: TObject): { [TName in keyof TObject]?: Exclude<TObject[TName], undefined> };
export function present(object: object): unknown {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
