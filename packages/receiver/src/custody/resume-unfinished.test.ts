import type { ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { admit, messageOf, source } from '../../test/admissions.ts';
import { clock } from '../../test/clock.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { createReceiver } from '../create-receiver.ts';
import type { ReceiverOptions } from '../create-receiver.ts';

const replyTo: ReceiverOptions['replyTo'] = { origins: () => ['https://app.example.org'], allowVolatileCustody: true, resumeEveryMs: 50, fetch: () => Promise.resolve(new Response()) };

describe('receiver.resume', () => {
  it('goes on where its first round fails, since a database that is away comes back: what is accepted is finished', async () => {
    const own = memoryCache();
    const { wait, waits } = clock();
    let asked = 0;
    const unfinished = (): ReturnType<typeof own.unfinished> => ((asked += 1) === 1 ? Promise.reject(new Error('the database is away')) : own.unfinished());
    let runs = 0;
    const receiver = createReceiver({ source, cache: { ...own, unfinished }, wait, replyTo }).on(admit, () => {
      runs += 1;
      if (runs === 1) throw new Error('the database is away here too');
    });

    await expect(receiver.resume()).rejects.toThrow('the database is away');
    expect((await receiver.process(messageOf().bytes, { async: true })).status).toBe(200);
    await expect.poll(() => runs).toBe(1);
    (await waits.of(50)).pass();
    await expect.poll(() => runs).toBe(2);
    await receiver.close();
  });

  it('asks the cache once, and not without a pause, where the time between rounds is longer than the platform\'s timers run', async () => {
    const own = memoryCache();
    let asked = 0;
    const unfinished = (): ReturnType<typeof own.unfinished> => {
      asked += 1;
      return own.unfinished();
    };
    const receiver = createReceiver({ source, cache: { ...own, unfinished }, replyTo: { ...replyTo, resumeEveryMs: 2 ** 31 } });
    await receiver.resume();
    await new Promise((resolve) => void setTimeout(resolve, 20));
    await receiver.close();

    expect(asked).toBe(1);
  });

  it('takes up the others where the application has no context for one, and that one in a later round', async () => {
    const own = memoryCache();
    const before = createReceiver({ source, cache: own, replyTo }).on(admit, () => {
      throw new Error('not yet');
    });
    await before.resume();
    for (const sender of ['a', 'b']) expect((await before.process(messageOf().bytes, { async: true, sender })).status).toBe(200);
    await before.close();

    const { wait, waits } = clock();
    const contexts: unknown[] = [];
    let isKnown = false;
    const receiver = createReceiver<string>({ source, cache: own, wait, replyTo }).on(admit, ({ context }) => void contexts.push(context));
    await receiver.resume({
      context({ sender = '' }) {
        if (sender === 'a' && !isKnown) throw new Error('nobody of that name');
        return sender;
      },
    });
    await expect.poll(() => contexts).toEqual(['b']);
    isKnown = true;
    (await waits.of(50)).pass();
    await expect.poll(() => contexts).toEqual(['b', 'a']);
    await receiver.close();
  });
});

describe('receiver.resume: what was left', () => {
  /** A cache with messages in custody that nobody processed. */
  async function leftBehind({ messages, ...options }: { messages: readonly { sender: string; bytes?: Uint8Array<ArrayBuffer> }[] } & Parameters<typeof memoryCache>[0]): Promise<ReliableCache> {
    const cache = memoryCache(options);
    const before = createReceiver({ source, cache, replyTo }).on(admit, () => {
      throw new Error('not yet');
    });
    await before.resume();
    for (const { sender, bytes = messageOf().bytes } of messages) expect((await before.process(bytes, { async: true, sender, limits: { maxBytes: Infinity } })).status).toBe(200);
    await before.close();
    return cache;
  }

  it('is taken up behind a hundred that the application has no context for', async () => {
    let time = 0;
    const messages = [...Array.from({ length: 100 }, () => ({ sender: 'gone' })), { sender: 'well' }];
    const cache = await leftBehind({ messages, now: () => (time += 1) });
    const contexts: unknown[] = [];
    const receiver = createReceiver<string>({ source, cache, wait: clock().wait, replyTo }).on(admit, ({ context }) => void contexts.push(context));
    await receiver.resume({
      context({ sender = '' }) {
        if (sender === 'gone') throw new Error('nobody of that name');
        return sender;
      },
    });
    await receiver.close();

    expect(contexts).toEqual(['well']);
  });

  it('is read as it was accepted, however large that may have been', async () => {
    const { bytes } = messageOf();
    const large = new Uint8Array(50_000_001).fill(0x20);
    large.set(bytes);
    const cache = await leftBehind({ messages: [{ sender: 'ward', bytes: large }] });
    let runs = 0;
    const receiver = createReceiver({ source, cache, wait: clock().wait, replyTo }).on(admit, () => void (runs += 1));
    await receiver.resume();
    await receiver.close();

    expect(runs).toBe(1);
  });

  it('until its reply expired is told of, once, after the failed postings: nothing of what it says, but its id', async () => {
    let time = 0;
    const { bytes, identity } = messageOf({ family: 'Secret' });
    const cache = memoryCache({ now: () => time });
    const errors: unknown[] = [];
    let posts = 0;
    const fetch = (): Promise<Response> => Promise.resolve(new Response(null, { status: (posts += 1) && 503 }));
    const again = () => createReceiver({ source, cache, wait: clock().wait, replyTo: { ...replyTo, origins: () => ['https://app.example.org'], fetch }, onError: (error) => void errors.push(error) }).on(admit, () => undefined);
    const first = again();
    await first.resume();
    expect((await first.process(bytes, { async: true })).status).toBe(200);
    await expect.poll(() => posts).toBe(1);
    await first.close();
    time += 1441 * 60_000;
    for (const receiver of [again(), again()]) {
      await receiver.resume();
      await receiver.close();
    }

    expect([posts, await cache.unfinished()]).toEqual([1, []]);
    expect(errors).toEqual([expect.objectContaining({ code: 'transport.status' }), expect.objectContaining({ code: 'transport.timeout', message: expect.stringContaining(identity.message ?? 'none') })]);
    expect(String(errors[1])).not.toContain('Secret');
  });

  it('until it expired is told of, once, since nobody else would be: nothing of what it says, but its id', async () => {
    let time = 0;
    const { bytes, identity } = messageOf({ family: 'Secret' });
    const cache = await leftBehind({ messages: [{ sender: 'ward', bytes }], now: () => time });
    time += 1441 * 60_000;
    const errors: unknown[] = [];
    let runs = 0;
    const again = () => createReceiver({ source, cache, wait: clock().wait, replyTo, onError: (error) => void errors.push(error) }).on(admit, () => void (runs += 1));
    for (const receiver of [again(), again()]) {
      await receiver.resume();
      await receiver.close();
    }

    expect([runs, await cache.unfinished()]).toEqual([0, []]);
    expect(errors).toEqual([expect.objectContaining({ code: 'transport.timeout', message: expect.stringContaining(identity.message ?? 'none') })]);
    expect(String(errors[0])).not.toContain('Secret');
  });
});

describe('receiver.close', () => {
  it('waits for the handler of what was accepted while it closed', async () => {
    const own = memoryCache();
    let go = (): void => undefined;
    const looked = new Promise<void>((resolve) => (go = resolve));
    const cache = { ...own, lookUp: (key: Parameters<typeof own.lookUp>[0]) => looked.then(() => own.lookUp(key)) };
    let isDone = false;
    const receiver = createReceiver({ source, cache, replyTo }).on(admit, async () => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      isDone = true;
    });
    await receiver.resume();
    const accepted = receiver.process(messageOf().bytes, { async: true });
    await new Promise(setImmediate);
    const closed = receiver.close();
    go();

    expect((await accepted).status).toBe(200);
    await closed;
    expect(isDone).toBe(true);
  });

  it('lets no handler run afterwards: what was being taken up then waits for the next process', async () => {
    const own = memoryCache();
    let runs = 0;
    const receiverWith = (takeOver: ReliableCache['takeOver']) =>
      createReceiver({ source, cache: { ...own, takeOver }, replyTo }).on(admit, () => {
        runs += 1;
        if (runs === 1) throw new Error('not yet');
      });
    const before = receiverWith((record) => own.takeOver(record));
    await before.resume();
    expect((await before.process(messageOf().bytes, { async: true })).status).toBe(200);
    await before.close();

    let go = (): void => undefined;
    const database = new Promise<void>((resolve) => (go = resolve));
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const receiver = receiverWith((record) => {
      asked();
      return database.then(() => own.takeOver(record));
    });
    const resuming = receiver.resume();
    await isAsked;
    const closed = receiver.close();
    go();
    await Promise.all([closed, resuming]);
    expect(runs).toBe(1);

    const after = receiverWith((record) => own.takeOver(record));
    await after.resume();
    await after.close();
    expect(runs).toBe(2);
  });
});
