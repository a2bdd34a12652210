import type { IssueCode, Message } from '@fhir-messaging/core';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';

/** Takes messages that are responses: a messenger, which knows the requests. */
export interface Replies {
  /**
   * Takes a response from `sender`: the address of whoever sent it, empty where they are authenticated and their address is not known. The `kind`
   * is `refused` where the request went to somebody else, and `unknown` where there was no such request.
   */
  accept(reply: Message, options: { readonly sender?: string | undefined }): Promise<{ readonly kind: string }>;
}

/** Gives the address of an authenticated sender. */
export type AddressOf = (sender: string) => string | undefined;

const untaken: Readonly<Record<string, readonly [status: number, code: IssueCode, diagnostics: string]>> = {
  refused: [403, 'forbidden', 'This is a response to a message that was sent to somebody else, or the address of its sender is not known here.'],
  unknown: [422, 'not-found', 'This is a response to a message that is not known here.'],
};

/**
 * Hands a response on. The answer is a status, never a message: 200 where the response was taken, even late or repeated.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: no response to a response
 */
export async function takeReply(message: Message, sender: string | undefined, replies: Replies | undefined, addressOf: AddressOf): Promise<ProcessResult> {
  if (replies === undefined) {
    return refuse(422, [errorIssue('not-supported', 'receiver.reply', 'This is a response to another message; none is taken here.')]);
  }
  // An authenticated sender without a known address is not the destination, even if its name is the destination's: so '', not `undefined`.
  const { kind } = await replies.accept(message, { sender: sender === undefined ? undefined : (addressOf(sender) ?? '') });
  const [status, code, diagnostics] = untaken[kind] ?? [];
  return status === undefined || code === undefined || diagnostics === undefined
    ? resultOf({ status: 200, reply: undefined, issues: [] })
    : refuse(status, [errorIssue(code, 'receiver.reply', diagnostics)]);
}

/** The sender's own name, where that is an address. */
export const ownAddress: AddressOf = (sender) => (URL.canParse(sender) ? sender : undefined);
