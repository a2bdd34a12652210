import { Consumer } from '@platformatic/kafka';
import type { Message, Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import type { RawMessage } from '../broker-contract.ts';

type RawRecord = Message;

/** A topic as the bare client reads it: from its beginning, one record after the other. */
export interface BareTopic {
  /** The next record; waits for it. */
  next(): Promise<RawRecord>;
  close(): Promise<void>;
}

/** Reads a topic with a consumer in a group of its own. */
export async function readBare(bootstrapBrokers: string[], topic: string): Promise<BareTopic> {
  const consumer = new Consumer({ clientId: 'bare', groupId: `bare-${randomUUID()}`, bootstrapBrokers, autocommit: false, maxWaitTime: 100 });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
  const records = stream[Symbol.asyncIterator]();
  return {
    async next() {
      const { value } = await records.next();
      return value as RawRecord;
    },
    close: () => consumer.close(true),
  };
}

/** A record as the contract sees it: its key and its headers by their names. */
export function rawOf({ value, key, headerEntries }: RawRecord): RawMessage {
  const headers = headerEntries.map(([name, text]) => [`header ${String(name)}`, String(text)]);
  return { bytes: new Uint8Array(value), says: { ...Object.fromEntries(headers), ...(key && { key: String(key) }) } };
}

/** Writes a record with the bare client. */
export async function writeBare(producer: Producer, topic: string, { bytes, says }: RawMessage): Promise<void> {
  const headers = Object.entries(says).flatMap(([name, text]) => (name.startsWith('header ') && text !== undefined ? [[Buffer.from(name.slice('header '.length)), Buffer.from(text)] as const] : []));
  const key = says['key'];
  await producer.send({ messages: [{ topic, value: Buffer.from(bytes), headers: new Map(headers), ...(key !== undefined && { key: Buffer.from(key) }) }], acks: -1, idempotent: true });
}
