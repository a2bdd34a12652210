import { isError, isMessagingError, toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { Saying } from './say-message.ts';

/** What is said of a referral, or a change, that was not sent yet: why it could not be queued, where it could not; or that it is gone, since something else was sent meanwhile. */
export function sayDraft(what: 'referral' | 'change', canSend: boolean, error: Error | undefined, isOvertaken = false): Saying & { readonly issues: readonly Issue[] } {
  const saying = (text: string, issues: readonly Issue[] = []): ReturnType<typeof sayDraft> => ({ tone: 'bad', title: 'Not sent', text, issues });
  const overtaken = saying('Something was sent from another window meanwhile. Look at it here, and send again what is still to be said.');
  if (error === undefined) {
    if (isOvertaken) return overtaken;
    return canSend
      ? { tone: 'quiet', title: 'Not sent yet', text: `Nothing leaves this computer until you send the ${what}.`, issues: [] }
      : { tone: 'quiet', title: 'Nothing to send yet', text: 'Change something in the form. Then you can send the change.', issues: [] };
  }
  switch (isMessagingError(error) ? error.code : undefined) {
    case 'message.invalid':
      return saying(`The ${what} cannot go out like this. See what is missing, mend it, and send it.`, toIssues(error).filter(isError));
    case 'entry.duplicate':
      return overtaken;
    default:
      return saying(`The ${what} could not be kept on this device, so nothing of it was sent. Make room on it, and send it again.`);
  }
}
