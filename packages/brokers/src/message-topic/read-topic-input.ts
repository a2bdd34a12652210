import { member } from '../mapping/json.ts';

/** The input of `$message-post`, which writes `{"input": …}` to a topic; for any other record its whole value. */
export interface TopicInput {
  /** The posted value, parsed. */
  readonly value: unknown;
  /** The posted value, to the byte. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Takes the posted value out of a record; `undefined` where that is no JSON. */
export function readTopicInput(record: Uint8Array): TopicInput | undefined {
  const text = new TextDecoder().decode(record);
  const whole = parsed(text);
  const input = member(whole, 'input');
  if (input === undefined || member(whole, 'resourceType') !== undefined) {
    return whole === undefined ? undefined : { value: whole, bytes: Uint8Array.from(record) };
  }
  // The product's own form lets the value be cut out to the byte.
  const inner = /^\{"input":([^]*)\}\s*$/.exec(text)?.[1] ?? '';
  return { value: input, bytes: new TextEncoder().encode(parsed(inner) === undefined ? JSON.stringify(input) : inner) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
