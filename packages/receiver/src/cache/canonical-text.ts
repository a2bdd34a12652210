import { memberOrderOf } from './member-order.ts';

/**
 * A text that is the same for JSON values that differ in the order of their members only, and for no others.
 *
 * It is a JSON list: of each object its names, then their values; of each list its length, then its items.
 */
export function canonicalText(value: unknown): string {
  const parts: unknown[] = [];
  addParts(value, parts);
  // The engine writes one flat list several times as fast as code can write the same.
  return JSON.stringify(parts);
}

/** Stands before what is no plain value, and for none itself. */
const composite = Object.freeze([]);

function addParts(value: unknown, parts: unknown[]): void {
  if (!isRecord(value)) {
    parts.push(value);
  } else if (Array.isArray(value)) {
    parts.push(composite, value.length);
    for (const item of value) addParts(item, parts);
  } else {
    const { names, text } = memberOrderOf(value);
    parts.push(composite, text);
    for (const name of names) addParts(value[name], parts);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
