import { readReply } from '@fhir-messaging/core';
import type { ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { admit, messageOf, source } from '../../test/admissions.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { createReceiver } from '../create-receiver.ts';
import type { ProcessResult } from '../receive/process-result.ts';
import type { Wait } from '../receive/wait.ts';

describe('receiver.process: an accepted message whose transient-error is on its way', () => {
  it('is not taken for its own resend, which would be lost: that is accepted anew, and processed', async () => {
    const answers: ReplyContent[] = [{ code: 'transient-error' }, {}];
    const runs: ReplyContent[] = [];
    const again: Promise<ProcessResult>[] = [];
    const { bytes } = messageOf();
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const resend = (): void => void again.push(receiver.process(bytes, { async: true }));
    const receiver = createReceiver({
      source,
      inFlight: { pollMs: 1 },
      // Only the polling of the cache comes to an end.
      wait: (delayMs, signal) => new Promise((resolve) => (delayMs === 1 ? setImmediate(resolve) : signal.addEventListener('abort', () => resolve()))),
      replyTo: {
        origins: () => ['https://app.example.org'],
        allowVolatileCustody: true,
        fetch: () => {
          // The sender sends it again as soon as it has the reply, before it says that it has.
          if (again.length === 0) resend();
          return Promise.resolve(new Response());
        },
      },
    }).on(admit, () => {
      const answer = answers[runs.length] ?? {};
      runs.push(answer);
      if (runs.length === 2) finish();
      return answer;
    });
    await receiver.resume();

    expect((await receiver.process(bytes, { async: true })).status).toBe(200);
    await finished;

    expect((await again[0])?.status).toBe(200);
    expect(runs).toEqual(answers);
    await receiver.close();
  });
});

/** Time that never passes. */
const waitForEver: Wait = (_, signal) => new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

describe('receiver.process: an accepted message, while replies go to somebody who is not there', () => {
  it('is processed, and those in custody are taken up: postings have places of their own', async () => {
    const runs: unknown[] = [];
    const closing = new AbortController();
    const receiver = createReceiver({
      source,
      wait: waitForEver,
      replyTo: {
        origins: () => ['https://app.example.org'],
        allowVolatileCustody: true,
        maxConcurrent: 1,
        fetch: () => new Promise((_, reject) => closing.signal.addEventListener('abort', () => reject(new Error('gone')))),
      },
    }).on(admit, ({ sender }) => void runs.push(sender));
    await receiver.resume();
    for (const sender of ['a', 'b', 'c']) {
      expect((await receiver.process(messageOf().bytes, { async: true, sender })).status).toBe(200);
      await expect.poll(() => runs).toContain(sender);
    }
    const closed = receiver.close();
    closing.abort();
    await closed;

    expect(runs).toEqual(['a', 'b', 'c']);
  });
});

describe('receiver.process: an accepted message whose handler lost it to another process', () => {
  it('is not answered with its transient-error: the other one comes to an outcome', async () => {
    const own = memoryCache();
    const posts: unknown[] = [];
    const errors: unknown[] = [];
    const receiver = createReceiver({
      source,
      cache: { ...own, renew: () => Promise.resolve(false) },
      onError: (error) => void errors.push(error),
      wait: waitForEver,
      replyTo: { origins: () => ['https://app.example.org'], allowVolatileCustody: true, fetch: (url) => Promise.resolve(void posts.push(url)).then(() => new Response()) },
    }).on(admit, () => ({ code: 'transient-error' }));
    await receiver.resume();
    expect((await receiver.process(messageOf().bytes, { async: true })).status).toBe(200);
    await receiver.close();

    expect([posts, errors]).toEqual([[], [expect.objectContaining({ code: 'lease.lost' })]]);
  });
});

describe('receiver.resume: a message that waits for the handler of another', () => {
  it.each([
    ['is not processed once more where another process took it over meanwhile: lease.lost', true, ['waits', 'accepted'], ['lease.lost']],
    ['is processed where nobody took it over, though its lease ran out', false, ['waits', 'accepted', 'waits'], []],
  ])('%s', async (_, isTakenOver, expected, codes) => {
    let time = 0;
    const own = memoryCache({ now: () => time, leaseMs: 30_000 });
    const runs: unknown[] = [];
    const errors: unknown[] = [];
    const gate = (): { readonly opened: Promise<void>; readonly open: () => void } => {
      let open = (): void => undefined;
      return { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
    };
    const [asked, database, handler] = [gate(), gate(), gate()];
    const receiverWith = (changes: Partial<typeof own>, handle: () => Promise<void>) =>
      createReceiver({
        source,
        cache: { ...own, ...changes },
        wait: waitForEver,
        onError: (error) => void errors.push(error),
        replyTo: { origins: () => ['https://app.example.org'], allowVolatileCustody: true, maxConcurrent: 1, fetch: () => Promise.resolve(new Response()) },
      }).on(admit, ({ sender }) => {
        runs.push(sender);
        return handle();
      });
    const before = receiverWith({}, () => Promise.reject(new Error('not yet')));
    await before.resume();
    await before.process(messageOf().bytes, { async: true, sender: 'waits' });
    await before.close();
    errors.length = 0;

    const takeOver: typeof own.takeOver = async (record) => {
      asked.open();
      await database.opened;
      return own.takeOver(record);
    };
    const receiver = receiverWith({ takeOver }, () => handler.opened);
    const resuming = receiver.resume();
    await asked.opened;
    await receiver.process(messageOf().bytes, { async: true, sender: 'accepted' });
    database.open();
    await resuming;
    time += 30_000;
    const left = (await own.unfinished()).filter(({ custody }) => custody.sender === 'waits');
    expect(left).toHaveLength(1);
    if (isTakenOver) expect(await own.takeOver(left[0]!)).toBeDefined();
    handler.open();
    await receiver.close();

    expect(runs).toEqual(expected);
    expect(errors).toEqual(codes.map((code) => expect.objectContaining({ code })));
  });
});

describe('receiver.process: an accepted message with a transient-error of which nobody is told', () => {
  it.each([
    ['never', 0],
    ['on-success', 1],
  ] as const)('stays in custody, and is taken up again: its sender has no reason to send it once more (%s)', async (valueCode, posted) => {
    const posts: unknown[] = [];
    let runs = 0;
    const receiver = createReceiver({
      source,
      // Rounds follow one another; no lease is renewed.
      wait: (delayMs, signal) => new Promise((resolve) => (delayMs === 1 ? setImmediate(resolve) : signal.addEventListener('abort', () => resolve()))),
      replyTo: { origins: () => ['https://app.example.org'], allowVolatileCustody: true, resumeEveryMs: 1, fetch: (url) => Promise.resolve(void posts.push(url)).then(() => new Response()) },
    }).on(admit, () => ({ code: (runs += 1) < 3 ? 'transient-error' : 'ok' }));
    await receiver.resume();
    const header = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode }] };

    expect((await receiver.process(messageOf({ header }).bytes, { async: true })).status).toBe(200);
    await expect.poll(() => [runs, posts.length]).toEqual([3, posted]);
    await receiver.close();
    expect([runs, posts.length]).toEqual([3, posted]);
  });
});

describe('receiver.process: an accepted message that waits for a handler, and comes again', () => {
  it('is accepted again, and processed and answered once: the resend is no other', async () => {
    const runs: unknown[] = [];
    const posts: unknown[] = [];
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const receiver = createReceiver({
      source,
      wait: waitForEver,
      replyTo: { origins: () => ['https://app.example.org'], allowVolatileCustody: true, maxConcurrent: 1, fetch: (url) => Promise.resolve(void posts.push(url)).then(() => new Response()) },
    }).on(admit, async ({ sender }) => {
      runs.push(sender);
      if (sender === 'runs') await opened;
      return { code: sender === 'runs' ? 'ok' : 'transient-error' };
    });
    await receiver.resume();
    const [first, { bytes }] = [messageOf(), messageOf()];
    const statuses = [await receiver.process(first.bytes, { async: true, sender: 'runs' })];
    for (let sent = 0; sent < 3; sent += 1) statuses.push(await receiver.process(bytes, { async: true, sender: 'waits' }));

    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(runs).toEqual(['runs']);
    open();
    await expect.poll(() => posts).toHaveLength(2);
    await receiver.close();
    expect(runs).toEqual(['runs', 'waits']);
    expect(posts).toHaveLength(2);
  });
});

const unwritable = { resourceType: 'Task', for: { reference: 'Patient/of-nobody' } };

describe('receiver.process: an accepted message whose reply cannot be written as its handler gave it', () => {
  it.each<[string, ReplyContent]>([
    ['fatal-error', { focus: [unwritable] }],
    ['fatal-error', { code: 'ok', issues: [{ severity: 'error', code: 'processing' }] }],
    ['transient-error', { code: 'transient-error', focus: [unwritable] }],
  ])('is answered with a %s all the same, since nothing else would tell its sender', async (code, content) => {
    const posts: Uint8Array[] = [];
    const receiver = createReceiver({
      source,
      wait: waitForEver,
      replyTo: {
        origins: () => ['https://app.example.org'],
        allowVolatileCustody: true,
        fetch: async (_, init) => {
          posts.push(new Uint8Array(await new Response(init?.body).arrayBuffer()));
          return new Response();
        },
      },
    }).on(admit, () => content);
    await receiver.resume();
    const request = messageOf();

    expect((await receiver.process(request.bytes, { async: true })).status).toBe(200);
    await expect.poll(() => posts).toHaveLength(1);
    await receiver.close();
    expect(readReply(posts[0] ?? '', { request })).toMatchObject({ code });
  });

  it('is a 500 where it comes again, once its fatal-error was posted: there is no original reply to post', async () => {
    const posts: unknown[] = [];
    const replyTo = { origins: () => ['https://app.example.org'], allowVolatileCustody: true, fetch: (url: unknown) => Promise.resolve(new Response(null, { status: posts.push(url) && 200 })) };
    const receiver = createReceiver({ source, wait: waitForEver, replyTo }).on(admit, () => ({ focus: [unwritable] }));
    await receiver.resume();
    const { bytes } = messageOf();

    expect((await receiver.process(bytes, { async: true })).status).toBe(200);
    await expect.poll(async () => (await receiver.process(bytes, { async: true })).status).toBe(500);
    await receiver.close();
    expect(posts).toHaveLength(1);
  });
});
