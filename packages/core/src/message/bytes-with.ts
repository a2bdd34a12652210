import type { Message } from './message.ts';
import { setInJson } from './set-in-json.ts';
import type { JsonPath } from './set-in-json.ts';

/** A value of a message, and what it becomes. */
export type Change = readonly [path: JsonPath, value: unknown];

/**
 * The bytes of a message with some of its values changed, and all else to the byte; `undefined` where they are no JSON, since only a tolerant
 * parser could read them.
 */
export function bytesWith({ bytes, issues }: Message, changes: readonly Change[]): Uint8Array<ArrayBuffer> | undefined {
  if (issues.some(({ rule }) => rule === 'json.tolerant')) {
    return undefined;
  }
  const text = changes.reduce((before, [path, value]) => setInJson(before, path, value), new TextDecoder().decode(bytes));
  return new TextEncoder().encode(text);
}
