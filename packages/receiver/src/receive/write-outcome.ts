import { createReply, isError, responseRequestOf, wantsReply } from '@fhir-messaging/core';
import type { AnyEvent, CachedOutcome, CreateReplyOptions, Issue, Message, ReplyContent, ResponseCode } from '@fhir-messaging/core';
import { errorIssue } from './process-result.ts';

/** The options that all replies are written with. */
export type ReplyWriting = Pick<CreateReplyOptions, 'source' | 'identity' | 'base' | 'newId' | 'now'>;

/** The statuses that stand for a reply message which the sender does not want; an error still has to reach it. */
const withoutReply: Readonly<Record<ResponseCode, number>> = { ok: 204, 'fatal-error': 422, 'transient-error': 503 };

/** An outcome, and the code that it stands for. */
export interface WrittenOutcome {
  readonly outcome: CachedOutcome;
  /** `undefined` where the message was processed, and its reply could not be written. */
  readonly code: ResponseCode | undefined;
}

/**
 * Writes the answer to a message: a reply message where one is wanted, else a status. An error has an issue that is one, in either.
 *
 * The message's own extension says whether one is wanted, else its contract.
 *
 * @throws {MessagingError} `message.invalid`, `reply.invalid` when there can be no such reply.
 * @see {@link https://hl7.org/fhir/R4/valueset-response-code.html} `fatal-error` is described in the reply
 * @see {@link https://hl7.org/fhir/R4/extension-messageheader-response-request.html} messageheader-response-request
 */
export function writeOutcome(event: AnyEvent, message: Message, content: ReplyContent, writing: ReplyWriting): WrittenOutcome {
  const { issues = [], focus, include } = content;
  // Handlers in JavaScript may return anything: `issues` that are no list fail here, where a failure is expected.
  const isFailed = issues.some(isError);
  const code = content.code ?? (isFailed ? 'fatal-error' : 'ok');
  const request = responseRequestOf(message, event.reply);
  const isKnown = Object.hasOwn(withoutReply, code);
  const told = code === 'ok' || !isKnown ? issues : atLeastOne(issues, code);
  // An unknown code, which handlers in JavaScript may return, has no status: it fails in `createReply`.
  if (wantsReply(request, code === 'ok' ? 'ok' : 'error') || !isKnown) {
    return { code, outcome: { status: 200, reply: createReply(message, { ...writing, focus, include, issues: told, code }).bytes, issues: told } };
  }
  return { code, outcome: { status: withoutReply[code], reply: undefined, issues: told } };
}

/** The answer to a `transient-error` whose reply cannot be written: it still says, without resources, that the message may come again. */
export function writeTransient(event: AnyEvent, message: Message, { issues }: ReplyContent, writing: ReplyWriting): WrittenOutcome {
  const code = 'transient-error';
  try {
    return writeOutcome(event, message, { code, issues }, writing);
  } catch {
    return { code, outcome: { status: withoutReply[code], reply: undefined, issues: atLeastOne([], code) } };
  }
}

function atLeastOne(issues: readonly Issue[], code: ResponseCode): readonly Issue[] {
  const kind = code === 'transient-error' ? 'transient' : 'processing';
  return issues.some(isError) ? issues : [...issues, errorIssue(kind, `response.${code}`, `The message was answered with ${code}.`)];
}
