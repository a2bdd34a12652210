import { member } from '../mapping/json.ts';

/** What is written to a topic by `$message-post`: `{"input": …}`; of anything else the value itself. */
export interface TopicInput {
  /** What was posted. */
  readonly value: unknown;
  /** The same to the byte. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Takes out what was posted. `undefined` where it is no JSON. */
export function readTopicInput(record: Uint8Array): TopicInput | undefined {
  const text = new TextDecoder().decode(record);
  const whole = parsed(text);
  const input = member(whole, 'input');
  if (input === undefined || member(whole, 'resourceType') !== undefined) {
    return whole === undefined ? undefined : { value: whole, bytes: Uint8Array.from(record) };
  }
  // As the product writes it, what is inside can be cut out to the byte.
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
