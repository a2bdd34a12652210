import type { Issue } from '../fhir/issue.ts';
import type { Message } from '../message/message.ts';
import { requireSound } from '../message/require-sound.ts';
import { untilAborted } from './until-aborted.ts';

/** A check of the application's own before a message is sent, such as of its profiles. */
export type OwnCheck = (message: Message) => readonly Issue[] | Promise<readonly Issue[]>;

/**
 * Refuses a message in which the application's own check finds an error.
 *
 * @throws {MessagingError} `message.invalid`, delivery `no`, with all issues.
 * @throws {TypeError} when the check gives no list.
 */
export async function requireOwnCheck(message: Message, checking: { readonly check?: OwnCheck | undefined }, signal: AbortSignal | undefined): Promise<void> {
  if (checking.check) {
    const issues = await untilAborted(Promise.resolve(checking.check(message)), signal);
    if (!Array.isArray(issues)) {
      throw new TypeError('createMessenger: the check gives no list of issues.');
    }
    requireSound(message.event, issues, { delivery: 'no' });
  }
}
