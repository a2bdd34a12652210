import type { MessageProperties } from '../../mapping/message-properties.ts';
import { writeProperties } from '../../mapping/property-table.ts';
import { bytesOf } from '../bytes-of.ts';
import { amqpTable } from './property-table.ts';
import type { RheaConnection, RheaMessage } from './rhea-connection.ts';

/** Bytes as an AMQP Data section: every other body is a value of AMQP's own types. */
export function dataSection({ container }: RheaConnection, bytes: Uint8Array): unknown {
  return container.message.data_section(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** A message's properties as AMQP 1.0 has them: durable. */
export function amqpMessageOf(properties: MessageProperties): RheaMessage {
  const { fields, headers } = writeProperties(properties, amqpTable);
  const createdMs = Date.parse(properties.time ?? '');
  return { ...fields, durable: true, application_properties: headers, ...(Number.isNaN(createdMs) ? {} : { creation_time: new Date(createdMs) }) };
}

/** A body to the byte: its Data sections, or a value that is text or bytes. */
export function bodyBytes(body: unknown): Uint8Array {
  const content: unknown = typeof body === 'object' && body !== null && 'content' in body ? body.content : body;
  return bytesOf(Array.isArray(content) ? Buffer.concat(content.map(bodyBytes)) : content);
}
