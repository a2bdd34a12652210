import { amqpTable } from './property-table.ts';
import type { RabbitEnvelope, RabbitMessage } from './rabbit-connection.ts';

/**
 * The envelopes that a copy of a delivery may go out in, the fullest first. AMQP 0-9-1 has all headers in one frame: ours may be smaller than the
 * sender's, and a header may hold a value that the client reads but cannot write. The second has only the headers of the binding's table, the third
 * only the added ones.
 *
 * @param added - headers, in place of those of the same name.
 */
export function copiesOf(message: RabbitMessage, added: Readonly<Record<string, unknown>>): readonly RabbitEnvelope[] {
  const fields = fieldsOf(message);
  const written = Object.entries(message.headers ?? {}).flatMap(([name, value]) => (passing.test(name) ? [] : [[name, writable(value)] as const]));
  const own = written.filter(([name]) => named.has(name));
  return [written, own, []].map((headers) => ({ ...fields, headers: { ...Object.fromEntries(headers), ...added } }));
}

const named: ReadonlySet<string> = new Set(Object.values(amqpTable).flatMap(({ headers = [] }) => headers));

/**
 * The headers that belong to one delivery alone: those that the broker writes, the count of attempts, which begins anew where a dead letter is put
 * back, and the further routes (`CC`).
 */
const passing = /^(x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count)|fhir-attempt|CC)$/;

/** Tables and lists may hold one another as deep as a frame is large: past this, they stay as they are. */
const deepest = 100;

/** Bytes as text, within tables and lists too: the client would write them as a table of numbers. */
function writable(value: unknown, depth = 0): unknown {
  if (ArrayBuffer.isView(value)) {
    return new TextDecoder().decode(value);
  }
  if (typeof value !== 'object' || value === null || depth === deepest) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => writable(item, depth + 1));
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name, writable(item, depth + 1)]));
}

/** The fields to copy: not the user id, which the broker takes from that user's own connection alone, nor the time to expire. */
function fieldsOf({ contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp, appId, priority }: RabbitMessage): RabbitEnvelope {
  const time = Number.isSafeInteger(timestamp) ? timestamp : undefined;
  const fields = { contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp: time, appId, priority };
  return { ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)), durable: true };
}
