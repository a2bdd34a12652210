import type { ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { admit, messageOf, source } from '../../test/admissions.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { createReceiver } from '../create-receiver.ts';
import type { ProcessResult } from '../receive/process-result.ts';

describe('receiver.process: an accepted message whose transient-error is on its way', () => {
  it.each([
    ['in a reply', 'always'],
    ['without a reply, which is not wanted', 'never'],
  ] as const)('is not taken for its own resend, which would be lost: that is accepted anew, and processed (%s)', async (_, reply) => {
    const answers: ReplyContent[] = [{ code: 'transient-error' }, {}];
    const runs: ReplyContent[] = [];
    const again: Promise<ProcessResult>[] = [];
    const { bytes } = messageOf();
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const own = memoryCache();
    const resend = (): void => void again.push(receiver.process(bytes, { async: true }));
    const cache = {
      ...own,
      // Where no reply goes out, nothing else comes between the handler and the end of the custody.
      delivered: (claim: Parameters<typeof own.delivered>[0]) => {
        if (again.length === 0) resend();
        return new Promise(setImmediate).then(() => own.delivered(claim));
      },
    };
    const receiver = createReceiver({
      source,
      cache,
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
    }).on({ ...admit, reply }, () => {
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
