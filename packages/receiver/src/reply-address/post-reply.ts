import { isMessagingError, MessagingError, onAbort, untilAborted } from '@fhir-messaging/core';
import type { AboutMessage } from '../receive/about-message.ts';
import { longestTimerMs } from '../receive/wait.ts';
import { allowsAddress } from './allows-address.ts';
import type { CheckedReplyTo } from './reply-to.ts';

/** A reply on its way. */
export interface ReplyOnItsWay {
  readonly url: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sender: string | undefined;
  /** The message that it answers. */
  readonly about?: AboutMessage | undefined;
}

/** What came of a posting. */
export type Posting =
  | { readonly kind: 'delivered' }
  /** The reply will not be taken, however often it is posted. */
  | { readonly kind: 'refused'; readonly error: MessagingError }
  /** The reply may be taken another time. */
  | { readonly kind: 'failed'; readonly error: MessagingError; readonly headers: Headers | undefined };

/** Statuses beside 5xx that say nothing of the reply: it may be taken another time, with other headers, or when the server is whole again. */
const notNow: ReadonlySet<number> = new Set([401, 404, 408, 425, 429]);

/** Whether a reply may go to an address: it has to be on the sender's list each time that the reply is posted. */
export async function mayReplyTo(url: string, sender: string | undefined, { replyTo: { fetch: send }, origins }: CheckedReplyTo): Promise<boolean> {
  const checksAddresses = send !== undefined && 'checksAddresses' in send;
  return allowsAddress(url, await origins(sender), checksAddresses);
}

/**
 * Posts a reply once, where its address is still allowed, within `timeoutMs`, which includes the application's `origins` and `headers`. Redirects are
 * not followed.
 *
 * Errors say the origin and the status, never the reply or its headers.
 */
export async function postReply(reply: ReplyOnItsWay, checked: CheckedReplyTo, signal: AbortSignal): Promise<Posting> {
  // Older Nodes lose a time limit that is only part of an `AbortSignal.any`.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.min(checked.replyTo.timeoutMs ?? 30_000, longestTimerMs));
  const leave = onAbort(signal, () => limit.abort());
  try {
    return await untilAborted(postWithin(limit.signal, reply, checked), limit.signal);
  } catch (error) {
    return isMessagingError(error) && error.code === 'address.refused' ? { kind: 'refused', error } : notSent(reply.url, error);
  } finally {
    clearTimeout(timer);
    leave();
  }
}

async function postWithin(signal: AbortSignal, { url, bytes, sender }: ReplyOnItsWay, checked: CheckedReplyTo): Promise<Posting> {
  if (!(await mayReplyTo(url, sender, checked))) {
    throw new MessagingError('address.refused', "The reply's address is not among its sender's.", { delivery: 'no' });
  }
  const { replyTo } = checked;
  const given = new Headers(await replyTo.headers?.({ sender, url }));
  given.set('content-type', 'application/fhir+json');
  signal.throwIfAborted();
  const { fetch: send = fetch } = replyTo;
  const posting: RequestInit = { method: 'POST', headers: given, body: bytes, signal, redirect: 'manual' };
  // A method finds its object; a browser's own fetch refuses any object but its window.
  const response = await (send === fetch ? fetch(url, posting) : send.call(replyTo, url, posting));
  void response.body?.cancel().catch(() => undefined);
  const { status, headers } = response;
  if (response.ok) {
    return { kind: 'delivered' };
  }
  const error = new MessagingError('transport.status', `A reply was answered with ${status} by ${originOf(url)}.`, { status, delivery: 'unknown' });
  return status >= 500 || notNow.has(status) ? { kind: 'failed', error, headers } : { kind: 'refused', error };
}

/** A posting that failed. Only the error's code is passed on: the platform's text on an invalid header quotes its value, which may be a token. */
function notSent(url: string, thrown: unknown): Posting {
  const code = codeOf(thrown) ?? (thrown instanceof Error ? codeOf(thrown.cause) : undefined);
  const text = `A reply could not be posted to ${originOf(url)}${code === undefined ? '' : ` (${code})`}.`;
  return { kind: 'failed', error: new MessagingError('transport.failed', text, { delivery: 'unknown' }), headers: undefined };
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

function originOf(url: string): string {
  return new URL(url).origin;
}
