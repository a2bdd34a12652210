import { memberOrderOf } from './member-order.ts';

/**
 * A text that is the same for JSON values that differ in the order of their members only, and for no others.
 *
 * It is one JSON list: of each object its names, then their values; of each list its length, then its items. Names that were told before are
 * told by their number.
 */
export function canonicalText(value: unknown): string {
  const parts: unknown[] = [];
  addParts(value, parts, new Map());
  // The engine writes one flat list several times as fast as code can write the same.
  return JSON.stringify(parts);
}

/** Stand before what an object, and a list, is made of; no plain value looks like them. */
const object = Object.freeze({});
const list = Object.freeze([]);

function addParts(value: unknown, parts: unknown[], told: Map<string, number>): void {
  if (!isRecord(value)) {
    parts.push(value);
  } else if (Array.isArray(value)) {
    parts.push(list, value.length);
    for (const item of value) addParts(item, parts, told);
  } else {
    const { names, text } = memberOrderOf(value);
    const number = told.get(text);
    if (number === undefined) told.set(text, told.size);
    parts.push(object, number ?? text);
    for (const name of names) addParts(value[name], parts, told);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
