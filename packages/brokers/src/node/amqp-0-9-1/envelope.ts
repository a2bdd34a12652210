import type { MessageProperties } from '../../mapping/message-properties.ts';
import { writeProperties } from '../../mapping/property-table.ts';
import { amqpTable } from './property-table.ts';
import type { RabbitEnvelope } from './rabbit-connection.ts';

/** The longest text that a field of AMQP 0-9-1 holds (its `shortstr`), in bytes; a longer one is in its header only. */
export const maxFieldBytes = 255;

/** A message's properties as AMQP 0-9-1 has them: durable, and the timestamp in seconds. */
export function envelopeOf(properties: MessageProperties): RabbitEnvelope {
  const { fields, headers } = writeProperties(properties, amqpTable);
  const short = Object.fromEntries(Object.entries(fields).filter(([, value]) => Buffer.byteLength(value) <= maxFieldBytes));
  const sentMs = Date.parse(properties.time ?? '');
  return { ...short, durable: true, headers, ...(Number.isNaN(sentMs) ? {} : { timestamp: Math.floor(sentMs / 1000) }) };
}
