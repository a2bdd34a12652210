import { describe, expect, it } from 'vitest';
import { admit, codes, messageOf, source } from '../../test/admissions.ts';
import { createReceiver } from '../create-receiver.ts';
import type { Wait } from '../receive/wait.ts';

/** Short waits pass at once, others never: no round begins, and no lease is renewed. */
const wait: Wait = (delayMs, signal) =>
  new Promise((resolve) => {
    if (delayMs <= 250) setImmediate(resolve);
    else if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

/** A receiver that replies to addresses of one sender: what it posted, with the answers that it gets; its handler waits for `go`. */
async function given(statuses: readonly number[] = [], maxConcurrent = 20) {
  const posts: string[] = [];
  const runs: unknown[] = [];
  let go = (): void => undefined;
  const gone = new Promise<void>((resolve) => (go = resolve));
  const receiver = createReceiver({
    source,
    wait,
    replyTo: {
      origins: () => ['https://app.example.org'],
      allowVolatileCustody: true,
      initialDelayMs: 10,
      maxDelayMs: 10,
      maxConcurrent,
      fetch: (url) => Promise.resolve(new Response(null, { status: statuses[posts.push(new Request(url).url) - 1] ?? 200 })),
    },
  }).on(admit, async ({ sender }) => {
    runs.push(sender);
    await gone;
  });
  await receiver.resume();
  const sendTo = (bytes: Uint8Array<ArrayBuffer>, path: string) => receiver.process(bytes, { sender: 'app', async: true, responseUrl: `https://app.example.org/${path}?async=true` });
  return { receiver, posts, runs, go, sendTo };
}

describe('receiver.process, async: a message that comes again', () => {
  it('where it was answered on its connection before, is accepted, and its reply is posted until it is taken, once however often it is asked for meanwhile', async () => {
    const { receiver, posts, runs, go, sendTo } = await given([503, 503]);
    go();
    const { bytes } = messageOf();
    expect((await receiver.process(bytes, { sender: 'app' })).status).toBe(200);

    expect([(await sendTo(bytes, 'in')).status, (await sendTo(bytes, 'in')).status]).toEqual([200, 200]);
    await expect.poll(() => posts).toHaveLength(3);
    await receiver.close();
    expect([posts.length, runs.length]).toEqual([3, 1]);
  });

  it('with another address for its reply while it is processed, is answered at both', async () => {
    const { receiver, posts, runs, go, sendTo } = await given();
    const { bytes } = messageOf();
    await sendTo(bytes, 'one');
    const again = sendTo(bytes, 'two');
    await new Promise(setImmediate);
    go();

    expect((await again).status).toBe(200);
    await expect.poll(() => posts).toHaveLength(2);
    await receiver.close();
    expect(posts.sort()).toEqual(['https://app.example.org/one?async=true', 'https://app.example.org/two?async=true']);
    expect(runs).toHaveLength(1);
  });

  it('with another address while it waits for a handler, is not accepted: 503, to ask again', async () => {
    const { receiver, posts, go, sendTo } = await given([], 1);
    await sendTo(messageOf().bytes, 'first');
    const { bytes } = messageOf();
    const one = await sendTo(bytes, 'one');
    const two = await sendTo(bytes, 'two');

    expect([one.status, two.status, two.retryAfterSeconds, codes(two)]).toEqual([200, 503, 1, ['lock-error cache.in-flight']]);
    go();
    await expect.poll(() => posts).toEqual(['https://app.example.org/first?async=true', 'https://app.example.org/one?async=true']);
    await receiver.close();
  });

  it('while the receiver closes, is not accepted: nobody would post its reply any more', async () => {
    const { receiver, posts, go, sendTo } = await given();
    const { bytes } = messageOf();
    const first = receiver.process(bytes, { sender: 'app' });
    const again = sendTo(bytes, 'in');
    await new Promise(setImmediate);
    const closed = receiver.close();
    go();

    expect([(await first).status, (await again).status, codes(await again)]).toEqual([200, 503, ['lock-error cache.in-flight']]);
    await closed;
    expect(posts).toEqual([]);
  });
});
