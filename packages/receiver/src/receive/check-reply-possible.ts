import { plainId, responseRequestOf } from '@fhir-messaging/core';
import type { AnyEvent, IdentityStrategy, Message } from '@fhir-messaging/core';
import { addressOf } from '../reply-address/reply-source.ts';
import { errorIssue, refuse } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { ReplyWriting } from './write-outcome.ts';

/** FHIR's `id` (datatypes.html#id): what a reply in R4 quotes. */
const idFormat = /^[A-Za-z0-9.-]{1,64}$/;

/** The refusal, before it is processed, of a message that no reply could be written to; `undefined` where one can be, or none is wanted. */
export function checkReplyPossible(message: Message, event: AnyEvent, strategy: IdentityStrategy, { source }: Pick<ReplyWriting, 'source'>): ProcessResult | undefined {
  const { release, identity } = message;
  if (responseRequestOf(message, event.reply) === 'never') {
    return undefined;
  }
  const isR5 = release === 'R5';
  const quotable = identity.ids.filter(({ source: place, value }) => strategy.replyQuotes.includes(place) && (isR5 || idFormat.test(plainId(value))));
  if (quotable.length === 0) {
    const diagnostics = `No id of the message (${strategy.replyQuotes.join(', ')}) can be quoted by a reply: it takes 1 to 64 letters, digits, hyphens and dots.`;
    return refuse(400, [errorIssue('value', 'identity.format', diagnostics)]);
  }
  // R5 has sources without an address.
  return isR5 || addressOf(source) !== undefined
    ? undefined
    : refuse(422, [errorIssue('not-supported', 'receiver.source', `Messages in ${release} are not answered here: the receiver's source has no endpoint.`)]);
}
