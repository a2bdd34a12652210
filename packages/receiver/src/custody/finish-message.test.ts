import type { ReplyContent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { admit, messageOf, source } from '../../test/admissions.ts';
import { createReceiver } from '../create-receiver.ts';
import type { ProcessResult } from '../receive/process-result.ts';

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
