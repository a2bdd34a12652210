import { amqpTable } from './property-table.ts';
import type { RabbitEnvelope, RabbitMessage } from './rabbit-connection.ts';

/** Which attempt at a message is next, in its copy for that. */
export const attemptHeader = 'fhir-attempt';

/**
 * The envelopes that a copy of a delivery may go out in, the fullest first: AMQP 0-9-1 has all headers in one frame, which may be smaller than that of
 * whoever wrote them, and may hold what the client reads and cannot write. First those of the binding's own table stay, then only what is added.
 *
 * @param added - headers, in place of those that are called the same.
 */
export function copiesOf(message: RabbitMessage, added: Readonly<Record<string, unknown>>): readonly RabbitEnvelope[] {
  const fields = fieldsOf(message);
  const written = Object.entries(message.headers ?? {}).flatMap(([name, value]) => (passing.test(name) ? [] : [[name, writable(value)] as const]));
  const own = written.filter(([name]) => named.has(name));
  return [written, own, []].map((headers) => ({ ...fields, headers: { ...Object.fromEntries(headers), ...added } }));
}

const named: ReadonlySet<string> = new Set(Object.values(amqpTable).flatMap(({ headers = [] }) => headers));

/**
 * What is of a delivery's way alone: what the broker writes itself, the count of attempts, which begins anew where a dead letter is put back, and
 * where else it was routed to.
 */
const passing = /^(x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count)|fhir-attempt|CC)$/;

/** Bytes as text: the client would write them as a table of numbers. */
function writable(value: unknown): unknown {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

/** Without the user id, which the broker takes from its owner's connection alone, and the time to expire. */
function fieldsOf({ contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp, appId, priority }: RabbitMessage): RabbitEnvelope {
  const time = Number.isSafeInteger(timestamp) ? timestamp : undefined;
  const fields = { contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp: time, appId, priority };
  return { ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)), durable: true };
}
