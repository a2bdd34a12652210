import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { Readable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import type { KafkaConsumer, KafkaPosition, KafkaRecord, KafkaStream } from './kafka-client.ts';
import { replyTopic } from './reply-topic.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const reply = Buffer.from(createReply(message, { source: 'https://ward.example.org' }).bytes);

/** A topic with one reply on it, and what of it is committed. */
async function listening(onReply: (reply: Uint8Array) => unknown) {
  const records: KafkaRecord[] = [{ topic: 'replies', partition: 0, offset: 0n, value: reply, headers: new Map() }];
  const committed: bigint[] = [];
  const consumer: KafkaConsumer = Object({
    topics: { track: () => undefined },
    on(event: string, listener: (dealt: object) => void) {
      if (event === 'consumer:group:join') setTimeout(listener, 0, { assignments: [{ topic: 'replies', partitions: [0] }] });
    },
    joinGroup: () => Promise.resolve('member'),
    listCommittedOffsets: () => Promise.resolve(new Map([['replies', [0n]]])),
    listOffsets: () => Promise.resolve(new Map([['replies', [0n]]])),
    consume: async (): Promise<KafkaStream> => Object(new Readable({ objectMode: true, read(): void {
      const next = records.shift();
      if (next !== undefined) this.push(next);
    } })),
    commit: async ({ offsets }: { offsets: KafkaPosition[] }) => void committed.push(...offsets.map(({ offset }) => offset)),
    leaveGroup: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  const onError = vi.fn();
  const topic = replyTopic({ topic: 'replies', consumer: () => consumer, onReply, onError });
  await topic.ready();
  return { topic, committed, onError };
}

it('a reply whose pending store is away for a moment is committed once it is taken', async () => {
  const onReply = vi.fn().mockRejectedValueOnce(new MessagingError('storage.unavailable', 'The store is away.'));
  const { topic, committed } = await listening(onReply);
  await vi.waitFor(() => expect(onReply).toHaveBeenCalledTimes(1));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(committed).toEqual([]);

  await expect.poll(() => committed).toEqual([1n]);
  expect(onReply.mock.calls[1]).toEqual([Uint8Array.from(reply)]);
  await topic.close();
});

it('a reply that nobody has taken when its topic is left is not committed', async () => {
  const { topic, committed, onError } = await listening(() => Promise.reject(new MessagingError('closed', 'The messenger was closed.')));
  await vi.waitFor(() => expect(onError).toHaveBeenCalledTimes(1));
  await topic.close();

  expect(committed).toEqual([]);
});
