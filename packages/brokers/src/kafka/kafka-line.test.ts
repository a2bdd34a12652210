import { expect, it } from 'vitest';
import type { KafkaOutgoingRecord } from './kafka-client.ts';
import { kafkaLine } from './kafka-line.ts';

it.each([
  ['input.limit where the retry topic has no room for it: a dead letter', 'MESSAGE_TOO_LARGE', 'input.limit'],
  ['transport.failed where the broker may take it the next time', 'NOT_ENOUGH_REPLICAS', 'transport.failed'],
])('what cannot be written to a topic beside, to be tried again, is %s', async (_, apiId, code) => {
  const written: KafkaOutgoingRecord[] = [];
  const producer = {
    send({ messages }: { readonly messages: readonly KafkaOutgoingRecord[] }): Promise<void> {
      written.push(...messages);
      return Promise.reject(Object.assign(new Error('refused'), { apiId }));
    },
  };
  const record = { topic: 't', partition: 0, offset: 7n, key: undefined, value: new Uint8Array([1]), headers: new Map() };
  const line = kafkaLine(record, { hold: () => Promise.resolve() }, {
    producer: producer as never,
    topic: 't',
    deadLetterTopic: 't.dead',
    confirmTimeoutMs: 10_000,
    isRelaxed: true,
    now: () => 0,
    onGap: () => undefined,
  });

  await expect(line.publishAgain?.({ bytes: record.value, claims: [], attempt: 1, signal: new AbortController().signal }, 5)).rejects.toMatchObject({ code });
  expect(written.map(({ topic }) => topic)).toEqual(['t.retry.5']);
});
