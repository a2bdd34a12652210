import type { IssueCode, Message } from '@fhir-messaging/core';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';

/** What takes messages that are responses: a messenger, which knows the requests. */
export interface Replies {
  /**
   * Takes one, from `sender`: the address of who sent it, empty where they are authenticated and nobody knows their address. It says what
   * became of it: `refused` where somebody else replies than the request went to, `unknown` where there was no such request.
   */
  accept(reply: Message, options: { readonly sender?: string | undefined }): Promise<{ readonly kind: string }>;
}

/** What says where an authenticated sender is. */
export type AddressOf = (sender: string) => string | undefined;

const untaken: Readonly<Record<string, readonly [status: number, code: IssueCode, diagnostics: string]>> = {
  refused: [403, 'forbidden', 'This is a response to a message that was sent to somebody else, or the address of its sender is not known here.'],
  unknown: [422, 'not-found', 'This is a response to a message that is not known here.'],
};

/**
 * Hands a response on. It is answered with a status, never with a message: 200 where it was taken, also late or repeated.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: no response to a response
 */
export async function takeReply(message: Message, sender: string | undefined, replies: Replies | undefined, addressOf: AddressOf): Promise<ProcessResult> {
  if (replies === undefined) {
    return refuse(422, [errorIssue('not-supported', 'receiver.reply', 'This is a response to another message; none is taken here.')]);
  }
  // Somebody whose address is not known is somebody all the same, and not the destination, even where they go by its name.
  const { kind } = await replies.accept(message, { sender: sender === undefined ? undefined : (addressOf(sender) ?? '') });
  const [status, code, diagnostics] = untaken[kind] ?? [];
  return status === undefined || code === undefined || diagnostics === undefined
    ? resultOf({ status: 200, reply: undefined, issues: [] })
    : refuse(status, [errorIssue(code, 'receiver.reply', diagnostics)]);
}

/** A sender that goes by an address is there. */
export const ownAddress: AddressOf = (sender) => (URL.canParse(sender) ? sender : undefined);
