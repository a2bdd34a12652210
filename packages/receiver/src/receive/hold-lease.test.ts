import type { ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../cache/memory-cache.ts';
import { messageOf, textOf } from '../../test/admissions.ts';
import { clock } from '../../test/clock.ts';
import { held } from '../../test/held.ts';

describe('receiver.process: the lease of what is being processed', () => {
  const leaseMs = 30_000;
  const message = messageOf();
  /** Two receivers on one cache, as two processes are; `pass` lets the cache's lease run out. */
  const two = (cacheOptions: Partial<ReliableCache> = {}) => {
    let time = 0;
    const cache: ReliableCache = { ...memoryCache({ leaseMs, now: () => time }), ...cacheOptions };
    const { waits, wait } = clock();
    const onError = vi.fn();
    return { cache, waits, onError, here: held({ cache, wait, onError }), there: held({ cache, wait }), pass: (ms: number) => (time += ms) };
  };

  it('is renewed three times in its length while the handler runs, and no more afterwards', async () => {
    const { here, there, waits, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { say, signal } = await here.run(1);
    for (let times = 1; times <= 6; times += 1) {
      const renewal = await waits.of(leaseMs / 3);
      pass(leaseMs / 3);
      renewal.pass();
    }
    await waits.of(leaseMs / 3);
    const second = there.receiver.process(message.bytes);
    const poll = await waits.of(250);
    say({});

    expect((await first).status).toBe(200);
    poll.pass();
    expect((await second).status).toBe(200);
    expect(signal.aborted).toBe(false);
    expect(there.runs()).toBe(0);
  });

  it('run out, another takes the message over; the handler that lost it is aborted, its outcome refused, its sender told of the one that counts', async () => {
    const { here, there, waits, pass, onError } = two();
    const first = here.receiver.process(message.bytes);
    const { say, signal } = await here.run(1);
    const renewal = await waits.of(leaseMs / 3);
    pass(leaseMs);
    const second = there.receiver.process(message.bytes);
    const other = await there.run(1);
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    renewal.pass();
    await aborted;
    expect(signal.reason).toMatchObject({ name: 'MessagingError', code: 'lease.lost' });
    say({ issues: [{ severity: 'information', code: 'informational', diagnostics: 'Too late.' }] });
    const poll = await waits.of(250);
    other.say({});

    expect((await second).status).toBe(200);
    poll.pass();
    expect(textOf(await first)).toBe(textOf(await second));
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'lease.lost' }), expect.anything()]]);
  });

  it('run out, a handler that stops for it is no failure: its sender is told of the one that counts', async () => {
    const { here, there, waits, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { fail, signal } = await here.run(1);
    const renewal = await waits.of(leaseMs / 3);
    pass(leaseMs);
    const second = there.receiver.process(message.bytes);
    const other = await there.run(1);
    signal.addEventListener('abort', () => fail(new Error('stopped')));
    renewal.pass();
    other.say({});

    expect((await second).status).toBe(200);
    expect(textOf(await first)).toBe(textOf(await second));
  });

  it('run out while this very process was too busy to renew it, the handler here goes on, and is waited for', async () => {
    const { here, pass } = two();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    pass(leaseMs * 2);
    const second = here.receiver.process(message.bytes);
    say({});

    expect(textOf(await second)).toBe(textOf(await first));
    expect(here.runs()).toBe(1);
  });

  it.each([
    ['is refused', () => Promise.reject(new Error('the database is gone'))],
    ['never ends', () => new Promise<never>(() => undefined)],
  ])('whose renewal %s for its whole length is taken for lost', async (_, renew) => {
    const { here, waits } = two({ renew });
    void here.receiver.process(message.bytes);
    const { signal, say } = await here.run(1);
    for (let times = 1; times <= 2; times += 1) (await waits.of(leaseMs / 3)).pass();
    const last = await waits.of(leaseMs / 3);
    expect(signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    last.pass();
    await aborted;

    expect(signal.reason).toMatchObject({ code: 'lease.lost' });
    say({});
  });
});
