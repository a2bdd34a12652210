import { createReply, isMessagingError, isReply } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { ReplyWriting } from './write-outcome.ts';

/** How errors are told: by a status, or in a reply message wherever there can be one. */
export type ErrorsIn = 'status' | 'message';

/**
 * An error as a reply message, for ways that have no status, such as bots and queues; it is sent even to a message that wants no reply, since
 * nothing else would tell of the error.
 *
 * The reply is `transient-error` where the same message may be sent again, else `fatal-error`; also where the message was processed and only its
 * reply could not be written: a resend would come to the same, or be done twice. The result of a message that is a response, or has no id to
 * quote, stays as it was; so does that of one whose ids, event and source cannot be read.
 */
export function toErrorMessage(result: ProcessResult, request: Message, writing: ReplyWriting): ProcessResult {
  const { status, bytes, issues, retryAfterSeconds, cacheState } = result;
  if (status < 400 || bytes !== undefined || isReply(request)) {
    return result;
  }
  try {
    const code = status < 500 || issues.some(({ rule }) => rule === 'handler.reply') ? 'fatal-error' : 'transient-error';
    const reply = createReply(request, { ...writing, issues, code });
    return resultOf({ status: 200, reply: reply.bytes, issues }, retryAfterSeconds, code, cacheState);
  } catch (error) {
    if (isMessagingError(error)) {
      return result;
    }
    throw error;
  }
}
