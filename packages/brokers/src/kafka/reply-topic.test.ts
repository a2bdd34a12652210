import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { Consumer } from '@platformatic/kafka';
import { Readable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import type { KafkaConsumer, KafkaConsumerSettings, KafkaPosition, KafkaRecord, KafkaStream } from './kafka-client.ts';
import { replyTopic } from './reply-topic.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const reply = Buffer.from(createReply(message, { source: 'https://ward.example.org' }).bytes);

/** A topic with replies on it, one after the other, and what of it is committed. */
async function listening(onReply: (reply: Uint8Array) => unknown, values: readonly Buffer[] = [reply]) {
  const records: KafkaRecord[] = values.map((value, index) => ({ topic: 'replies', partition: 0, offset: BigInt(index), value, headers: new Map() }));
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

it("its group lets go of a lost member after six seconds, and not after the client's minute, for which no reply would come", async () => {
  const made = vi.fn(() => {
    throw new Error('no consumer');
  });
  const topic = replyTopic({ topic: 'replies', consumer: made });
  await topic.close();

  expect(made).toHaveBeenCalledWith(expect.objectContaining({ sessionTimeout: 6000, heartbeatInterval: 1000, heartbeatStallTimeout: 6000 }));
});

it.each([{}, { sessionTimeout: 30_000 }, { sessionTimeout: 30_000, heartbeatInterval: 10_000 }, { rebalanceTimeout: 20_000 }])('the client takes its times with those of an application: %j', async (own) => {
  const made = vi.fn((settings: KafkaConsumerSettings): KafkaConsumer => new Consumer({ ...settings, clientId: 'ward', bootstrapBrokers: ['127.0.0.1:1'], ...own }));
  const topic = replyTopic({ topic: 'replies', consumer: made });
  await topic.close();

  expect(made.mock.results).toEqual([{ type: 'return', value: expect.any(Consumer) }]);
});

it('of times that the client does not take, onError is told that there is no consumer, and not that Kafka is out of reach', async () => {
  const onError = vi.fn();
  const consumer = (settings: KafkaConsumerSettings): KafkaConsumer => new Consumer({ ...settings, clientId: 'ward', bootstrapBrokers: ['127.0.0.1:1'], heartbeatInterval: 10_000 });
  const topic = replyTopic({ topic: 'replies', consumer, onReply: undefined, onError });
  await expect.poll(() => onError).toHaveBeenCalled();

  const told = { code: 'transport.failed', message: 'The consumer could not be made: that is tried again.', cause: { message: expect.stringContaining('heartbeatInterval') } };
  expect(onError.mock.calls[0]).toMatchObject([told]);
  expect(topic.obstacle?.()).toMatchObject(told);
  await topic.close();
});

const away = new MessagingError('storage.unavailable', 'The store is away.');

it('a reply whose pending store is away for a moment is taken once that is back', async () => {
  const onReply = vi.fn().mockRejectedValueOnce(away);
  const { topic, onError } = await listening(onReply);

  await expect.poll(() => onReply).toHaveBeenCalledTimes(2);
  expect(onReply.mock.calls[1]).toEqual([Uint8Array.from(reply)]);
  expect(onError.mock.calls).toEqual([[away]]);
  await topic.close();
});

it('a reply that onReply fails at keeps no reply behind it, which somebody waits for', async () => {
  const request = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const ours = Buffer.from(createReply(request, { source: 'https://ward.example.org' }).bytes);
  const onReply = vi.fn().mockRejectedValue(away);
  const { topic, committed } = await listening(onReply, [reply, reply, ours]);
  const { reply: came } = topic.waiting.expect(request, AbortSignal.timeout(900));

  expect(await came).toEqual(ours);
  await expect.poll(() => committed.at(-1)).toBe(3n);
  await topic.close();
});

it('replies that onReply fails at wait beside their partition up to 256, and then with it', async () => {
  const onReply = vi.fn().mockRejectedValue(away);
  const { topic, committed } = await listening(onReply, Array.from({ length: 300 }, () => reply));
  await expect.poll(() => onReply).toHaveBeenCalledTimes(257);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(onReply).toHaveBeenCalledTimes(257);
  onReply.mockResolvedValue(undefined);

  await expect.poll(() => committed.at(-1)).toBe(300n);
  await topic.close();
});

it('a reply that nobody has taken when its topic is left is not tried again', async () => {
  const onReply = vi.fn(() => Promise.reject(new MessagingError('closed', 'The messenger was closed.')));
  const { topic, onError } = await listening(onReply);
  await expect.poll(() => onError).toHaveBeenCalledTimes(1);
  await topic.close();
  await new Promise((resolve) => setTimeout(resolve, 1200));

  expect(onReply).toHaveBeenCalledTimes(1);
});
