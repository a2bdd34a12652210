import { expect, it } from 'vitest';
import type { KafkaOutgoingRecord } from './kafka-client.ts';
import { kafkaLine } from './kafka-line.ts';
import type { KafkaGap } from './kafka-line.ts';

it.each([
  ['is a dead letter where the retry topic has no room for it: it would hold its partition for ever', 'MESSAGE_TOO_LARGE', ['t.retry.5', 't.dead'], ['too-long'], ['input.limit'], true],
  ['is none where the broker may take it the next time', 'NOT_ENOUGH_REPLICAS', ['t.retry.5'], [], [], false],
])('what is tried again in a topic beside %s', async (_, apiId, topics, gapCodes, errorCodes, isOver) => {
  const written: KafkaOutgoingRecord[] = [];
  const gaps: KafkaGap[] = [];
  const errors: unknown[] = [];
  const producer = {
    send({ messages }: { readonly messages: readonly KafkaOutgoingRecord[] }): Promise<void> {
      written.push(...messages);
      return messages[0]?.topic === 't.dead' ? Promise.resolve() : Promise.reject(Object.assign(new Error('refused'), { apiId }));
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
    onGap: (gap) => void gaps.push(gap),
    onError: (error) => void errors.push(error),
  });
  const writing = line.publishAgain?.({ bytes: record.value, claims: [], attempt: 1, signal: new AbortController().signal }, 5);

  await (isOver ? expect(writing).resolves.toBeUndefined() : expect(writing).rejects.toMatchObject({ code: 'transport.failed' }));
  expect(written.map(({ topic }) => topic)).toEqual(topics);
  expect(gaps).toEqual(gapCodes.map((code) => expect.objectContaining({ offset: 7n, issues: [expect.objectContaining({ code })] })));
  expect(errors).toEqual(errorCodes.map((code) => expect.objectContaining({ code })));
});
