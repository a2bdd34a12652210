import type { CacheRecord } from '@fhir-messaging/core';
import type { Identified } from '../receive/identify.ts';
import { errorIssue, refuse } from '../receive/process-result.ts';
import type { ProcessResult } from '../receive/process-result.ts';
import type { Reception } from '../receive/reception.ts';
import { mayReplyTo } from '../reply-address/post-reply.ts';
import { replyUrl } from '../reply-address/reply-url.ts';
import type { CustodyKeeping } from './custody-keeping.ts';

/** An asynchronous exchange that may take place. */
export interface AsyncExchange {
  readonly url: string;
  readonly keeping: CustodyKeeping;
}

/** The exchange by which a message may be accepted and answered later, at an address on its sender's list; else the refusal. */
export async function asyncExchange({ message, strategy }: Identified, responseUrl: string | undefined, sender: string | undefined, reception: Reception): Promise<AsyncExchange | ProcessResult> {
  const { keeping } = reception;
  if (keeping === undefined) {
    return refuse(422, [errorIssue('not-supported', 'http.async', 'Messages are answered on the same connection only. Send it without async.')]);
  }
  if (!strategy.async) {
    return refuse(422, [errorIssue('not-supported', 'identity.async', `Messages by ${strategy.name} are not exchanged with async. Send it without.`)]);
  }
  if (!keeping.isResuming) {
    throw new TypeError('receiver.resume() has not been called: what is accepted would not be finished after a restart.');
  }
  const url = replyUrl(message, responseUrl);
  return (await mayReplyTo(url, sender, keeping))
    ? { url, keeping }
    : refuse(422, [errorIssue('forbidden', 'receiver.reply-address', 'The address for the reply is not among those of the sender.')]);
}

/** Whether this process is finishing an accepted message, and its reply will answer the resend too. */
export function isBeingFinished(record: CacheRecord, exchange: AsyncExchange): boolean {
  const { token } = record;
  const { finishing, givenUp } = exchange.keeping;
  return finishing.has(token) && !givenUp.has(token) && repliesTo(record, exchange);
}

/** Whether the reply to an accepted message goes to the address that its resend names: no reply would come to another. */
export function repliesTo({ token }: CacheRecord, { keeping, url }: AsyncExchange): boolean {
  return keeping.inCustody.get(token) === url;
}

/** Whether an accepted message waits for a slot or the next round: then its custody has it processed, and not its resend. */
export function isInCustody({ token }: CacheRecord, { keeping }: AsyncExchange): boolean {
  return keeping.inCustody.has(token) && !keeping.givenUp.has(token);
}
