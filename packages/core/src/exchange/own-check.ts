import type { Issue } from '../fhir/issue.ts';
import { isError } from '../fhir/issue.ts';
import { invalidMessage } from '../message/create-message.ts';
import type { Message } from '../message/message.ts';
import { untilAborted } from './time-limit.ts';

/** A check of the application's own before a message is sent, such as of its profiles. */
export type OwnCheck = (message: Message) => readonly Issue[] | Promise<readonly Issue[]>;

/** Keeps a message here that the application's own check finds an error in. @throws {MessagingError} `message.invalid`, with all issues. */
export async function requireOwnCheck(message: Message, check: OwnCheck | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (check === undefined) {
    return;
  }
  const checking = Promise.resolve(check(message));
  const issues = await (signal === undefined ? checking : untilAborted(checking, signal));
  const errors = issues.filter(isError);
  if (errors.length > 0) {
    throw invalidMessage(message.event, errors, issues);
  }
}
