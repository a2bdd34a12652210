import { createMessenger, createReply, memoryPendingStore, MessagingError } from '@fhir-messaging/core';
import type { Transport } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Outbox, OutboxOptions } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, reset } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { account, admission, messageOf, minute } from './outbox-under-test.ts';

/** An outbox with so many messages that may have arrived, about which `confirm` gave no answer yet; from now on what is sent gets one. */
async function withQuestions(count: number, options: Partial<OutboxOptions>): Promise<{ readonly outbox: Outbox; readonly pass: (ms: number) => void }> {
  let time = 1_700_000_000_000;
  let isLost = true;
  const transport: Transport = () => (isLost ? Promise.reject(new MessagingError('transport.failed', 'The connection was reset.', { delivery: 'unknown' })) : Promise.resolve({ status: 204, body: undefined }));
  const now = (): number => time;
  const messenger = createMessenger({ transport, source: 'https://app.example.org', retry: { maxAttempts: 1 } });
  const still = { startTimer: () => () => undefined, pause: () => Promise.resolve(), now };
  const outbox = createOutbox({ store: memoryOutboxStore(now), messenger, account, atLeast: 'ephemeral', events: [admission()], ...still, ...options });
  for (let place = 0; place < count; place += 1) await outbox.enqueue(messageOf());
  await outbox.run();
  isLost = false;
  return { outbox, pass: (ms) => void (time += ms) };
}

const statesOf = async (outbox: Outbox): Promise<readonly string[]> => (await outbox.list()).entries.map(({ state }) => state);

describe('confirm', () => {
  it('that hangs holds up what is to be sent for as long as one question waits, however many there are; later all of them are asked', async () => {
    let asked = 0;
    let mode: 'down' | 'hangs' | 'up' = 'down';
    let waiting: (() => void)[] = [];
    const confirm = async (): Promise<'processed'> => {
      asked += 1;
      if (mode === 'hangs') await new Promise<void>((resolve) => waiting.push(resolve));
      if (mode === 'up') return 'processed';
      throw new Error('no network');
    };
    const { outbox, pass } = await withQuestions(24, { confirm });
    expect(asked).toBe(24);
    pass(5 * minute);
    mode = 'hangs';
    await outbox.enqueue(messageOf());
    const running = outbox.run();
    await expect.poll(() => waiting.length).toBe(4);
    pass(minute);
    waiting.forEach((end) => void end());
    waiting = [];

    await expect.poll(async () => (await statesOf(outbox)).at(-1)).toBe('replied');
    await running;
    expect(asked).toBe(28);
    mode = 'up';
    pass(5 * minute);
    await outbox.run();
    expect(new Set(await statesOf(outbox))).toEqual(new Set(['replied']));
    expect(asked).toBe(28 + 24);
  });

  it('that fails soon, about many messages, holds up what is to be sent no longer than one that hangs', async () => {
    let asked = 0;
    let wait = (): void => undefined;
    const confirm = async (): Promise<'processed'> => {
      asked += 1;
      wait();
      await new Promise((resolve) => void setImmediate(resolve));
      throw new Error('503');
    };
    const { outbox, pass } = await withQuestions(60, { confirm, concurrency: 1 });
    asked = 0;
    wait = () => pass(900);
    pass(5 * minute);
    await outbox.enqueue(messageOf());
    await outbox.run();
    expect((await statesOf(outbox)).at(-1)).toBe('replied');
    expect(asked).toBe(2);

    pass(3 * minute);
    await outbox.run();
    expect(asked).toBeGreaterThan(2);
  });

  it('that fails at once is asked about all of them', async () => {
    let asked = 0;
    const { outbox, pass } = await withQuestions(60, { confirm: () => ((asked += 1), Promise.reject(new Error('no network'))) });
    pass(5 * minute);
    await outbox.run();

    expect(asked).toBe(120);
  });

  it('that fails is asked once in a run, whatever the wait is drawn as', async () => {
    let asked = 0;
    const confirm = (): Promise<'processed'> => ((asked += 1) < 50 ? Promise.reject(new Error('no network')) : Promise.resolve('processed'));
    const { outbox, pass } = await withQuestions(1, { confirm, random: () => 0 });
    expect(asked).toBe(1);
    pass(2 * minute);
    await outbox.run();
    expect(asked).toBe(1);

    pass(minute);
    await outbox.run();
    expect(asked).toBe(2);
  });

  it('that hangs for one message is asked about the others, though one is sent at a time', async () => {
    let hung = '';
    let end = (): void => undefined;
    let asked = 0;
    const confirm: NonNullable<OutboxOptions['confirm']> = async (_, { id }) => {
      if ((asked += 1) <= 6) throw new Error('no network');
      if (id !== hung) return 'processed';
      await new Promise<void>((resolve) => (end = resolve));
      throw new Error('timeout');
    };
    let drawn = 0;
    const { outbox, pass } = await withQuestions(6, { confirm, concurrency: 1, random: () => ((drawn += 7) % 11) / 11 });
    hung = (await outbox.list()).entries[0]!.id;
    for (let round = 0; round < 60; round += 1) {
      const running = outbox.run();
      await new Promise((resolve) => void setTimeout(resolve));
      pass(minute);
      end();
      await running;
    }

    expect(await statesOf(outbox)).toEqual(['uncertain', 'replied', 'replied', 'replied', 'replied', 'replied']);
  });

  it('that frees a message is asked once the next of its key, which set out while that was over, is there: one of a key goes at a time', async () => {
    let isUp = false;
    let arrive = (): void => undefined;
    const held: Step = (incoming, outgoing) => void (arrive = () => void answer(204)(incoming, outgoing));
    const confirm: NonNullable<OutboxOptions['confirm']> = () => (isUp ? Promise.resolve('not-processed') : Promise.reject(new Error('no network')));
    const { outbox, another, server, pass, stateOf } = await open([reset, answer(202), held, answer(204)], { confirm, maxDelayMs: 10_000 }, { pending: memoryPendingStore() });
    const [message, next] = [messageOf(), messageOf()];
    const { id } = await outbox.enqueue(message, { key: 'k' });
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();
    await outbox.enqueue(next, { key: 'k' });
    const running = outbox.run();
    await expect.poll(() => server.requests.length).toBe(3);
    await outbox.accept(createReply(message, { code: 'fatal-error', source: 'https://b.example.org' }).bytes);
    expect(await stateOf(id)).toEqual(['uncertain', 'fatal-error']);
    isUp = true;
    pass(10_000);
    await another().run();

    expect(await stateOf(id)).toEqual(['uncertain', 'fatal-error']);
    arrive();
    await running;
    pass(10_000);
    await outbox.run();
    expect(await statesOf(outbox)).toEqual(['replied', 'replied']);
    expect(server.requests).toHaveLength(4);
  });
});
