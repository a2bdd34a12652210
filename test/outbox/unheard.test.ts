import { memoryPendingStore, MessagingError } from '@fhir-messaging/core';
import type { Transport } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { answer } from '../exchange/loopback.ts';
import { bench, open } from './open-bench.ts';
import { admission, messageOf, minute } from './outbox-under-test.ts';

describe('what nobody heard of', () => {
  it('is never given up for want of a connection: it goes when there is one again', async () => {
    let isThere = false;
    const transport: Transport = () => (isThere ? Promise.resolve({ status: 204, body: undefined }) : Promise.reject(new MessagingError('transport.failed', 'The connection failed.', { delivery: 'no' })));
    const { outbox, pass, stateOf } = await open([], { maxSends: 3 }, { transport });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['pending', 'transport.failed']);
    isThere = true;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it.each([
    ['the browser does not say whether it left', undefined, 'transport.failed'],
    ['no answer came in time', new MessagingError('transport.timeout', 'No answer.', { delivery: 'unknown' }), 'transport.timeout'],
  ])('nor where %s: a message that may be repeated, and one that its peer recognises, for as long as it does', async (_, error, reason) => {
    for (const [category, state] of [['notification', 'pending'], ['consequence', 'uncertain']] as const) {
      const transport: Transport = () => Promise.reject(error ?? new TypeError('Failed to fetch'));
      const { outbox, pass, stateOf } = await open([], { maxSends: 3, events: [admission(category)], peer: { reliableCacheMinutes: 120 } }, { transport });
      const { id } = await outbox.enqueue(messageOf(category));
      for (let round = 0; round < 20; round += 1) {
        await outbox.run();
        pass(5 * minute);
      }
      expect(await stateOf(id)).toEqual(['pending', reason]);
      for (let round = 0; round < 20; round += 1) {
        await outbox.run();
        pass(5 * minute);
      }
      expect(await stateOf(id)).toEqual([state, reason]);
      await bench?.stop();
    }
  });

  it('nor where the messenger cannot remember that it sends it', async () => {
    let isAway = true;
    const own = memoryPendingStore();
    const pending: typeof own = { ...own, put: (record) => (isAway ? Promise.reject(new MessagingError('storage.unavailable', 'The database is away.')) : own.put(record)) };
    const { outbox, pass, stateOf } = await open([answer(204)], { maxSends: 3 }, { pending });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['pending', 'storage.unavailable']);
    isAway = false;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it('goes with the next run after its first 401, however often nobody was there before', async () => {
    let answers: Transport = () => Promise.reject(new MessagingError('transport.failed', 'The connection failed.', { delivery: 'no' }));
    const { outbox, pass, stateOf } = await open([], { random: () => 0.99 }, { transport: (request) => answers(request) });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    answers = () => Promise.resolve({ status: 401, body: undefined });
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'http.401']);
    answers = () => Promise.resolve({ status: 204, body: undefined });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it('nor for a sign-in that took long: the first hiccup after it is one of as many as ever', async () => {
    const steps = [...Array.from({ length: 10 }, () => answer(401)), answer(503), answer(204)];
    const { outbox, pass, stateOf } = await open(steps, { maxSends: 3 });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 10; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['waiting', 'http.401']);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['pending', 'transport.status']);
    pass(5 * minute);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });
});
