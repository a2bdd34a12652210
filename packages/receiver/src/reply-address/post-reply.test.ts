import { expect, it } from 'vitest';
import { postReply } from './post-reply.ts';
import type { CheckedReplyTo, ReplyTo } from './reply-to.ts';

const reply = { url: 'https://app.example.org/fhir', bytes: new TextEncoder().encode('{}'), sender: 'ward' };
const never = new Promise<never>(() => undefined);
const to = (parts: Partial<ReplyTo>): CheckedReplyTo => {
  const replyTo: ReplyTo = { origins: () => ['https://app.example.org'], fetch: () => Promise.resolve(new Response()), timeoutMs: 5, ...parts };
  return { replyTo, origins: replyTo.origins };
};
const failed = { kind: 'failed', error: expect.objectContaining({ code: 'transport.failed', delivery: 'unknown' }) };

it.each([
  ['the list of origins', { origins: () => never }],
  ['the headers', { headers: () => never }],
  ['the server', { fetch: () => never }],
])('a posting has its time, whichever of them never comes: %s', async (_, parts) => {
  expect(await postReply(reply, to(parts), new AbortController().signal)).toMatchObject(failed);
});

it('a posting has its time, also where that is longer than the platform\'s timers run', async () => {
  const answer = (): Promise<Response> => new Promise((resolve) => void setTimeout(() => resolve(new Response()), 20));

  expect(await postReply(reply, to({ fetch: answer, timeoutMs: 2 ** 31 }), new AbortController().signal)).toEqual({ kind: 'delivered' });
});

it('sends nothing where the headers come too late', async () => {
  let posts = 0;
  let come = (): void => undefined;
  const headers = new Promise<HeadersInit>((resolve) => (come = () => resolve({})));
  const parts = { headers: () => headers, fetch: () => Promise.resolve(new Response(String((posts += 1)))) };
  expect(await postReply(reply, to(parts), new AbortController().signal)).toMatchObject(failed);
  come();
  await new Promise(setImmediate);

  expect(posts).toBe(0);
});

it('ends with its signal, whatever the application does', async () => {
  const controller = new AbortController();
  const posting = postReply(reply, to({ origins: () => never, timeoutMs: 1_000_000 }), controller.signal);
  controller.abort();

  expect(await posting).toMatchObject(failed);
});
