import { isMessagingError, readReply } from '@fhir-messaging/core';
import type { ExchangeRow } from './exchange-row.ts';
import { postAll, postingsOf } from './load.ts';
import type { Posting } from './load.ts';
import { startServer } from './start-server.ts';

const connections = 8;

/** How many messages a receiver takes in a time: time per message, with as many at once as keep it busy. */
export const receiveThroughput: ExchangeRow = {
  name: 'receive.throughput',
  protocol:
    'A receiver with its memory cache behind node:http, whose handler reads its payload; bare is a node:http handler that parses the body and writes the same reply. Each in a process of its own; this one posts over 8 connections, each message once, under fresh ids. Bars: 0.3 of the bare throughput at 10 entries, 0.5 at 100.',
  bars: { 10: 1 / 0.3, 100: 1 / 0.5 },
  async prepare(input) {
    const [ours, bare] = await Promise.all([startServer('receiver'), startServer('bare')]);
    const fresh = postingsOf(input);
    const messages = 20_000 / input.entries;
    const answers = 50;
    let next = fresh(0);
    const run = async (url: string): Promise<void> => {
      await postAll(url, next, connections);
    };
    return {
      messages,
      ours: () => run(ours.url),
      bare: () => run(bare.url),
      before: () => {
        next = fresh(messages);
      },
      answers: 2 * answers,
      async right() {
        const postings = fresh(answers);
        return countRight(postings, await postAll(ours.url, postings, connections)) + countRight(postings, await postAll(bare.url, postings, connections));
      },
      stop: () => Promise.all([ours.stop(), bare.stop()]),
    };
  },
};

function countRight(postings: readonly Posting[], answers: readonly string[]): number {
  return postings.filter(({ id }, position) => isReplyTo(id, answers[position] ?? '')).length;
}

function isReplyTo(id: string, answer: string): boolean {
  try {
    const { code, matched } = readReply(answer, { ids: [{ source: 'MessageHeader.id', value: id }] });
    return code === 'ok' && matched === 'MessageHeader.id';
  } catch (error) {
    if (isMessagingError(error)) return false;
    throw error;
  }
}
