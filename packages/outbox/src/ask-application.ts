import { MessagingError } from '@fhir-messaging/core';
import type { Message, OutboxRecord } from '@fhir-messaging/core';
import { afterError, isExhausted } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { forgottenAtMs } from './peer-memory.ts';
import { entryOf } from './view.ts';

/**
 * Asks the application, by `confirm`, about a message that may have arrived, before a person is asked. Where it does not answer, a later turn asks it
 * again, and a person may decide meanwhile.
 *
 * @param outcome - of the entry; any other than `uncertain` is returned as it is.
 */
export async function askApplication(outcome: Outcome, message: Message, record: OutboxRecord, parts: OutboxParts, working: AbortSignal): Promise<Outcome> {
  const { confirm, isSignedIn } = parts;
  if (outcome.state !== 'uncertain' || !confirm) return outcome;
  const known = isSignedIn() ? await confirm(message, entryOf(record), working) : undefined;
  // An answer under another session says nothing of this account, and one that came after the end was not heard.
  const stopped: unknown = isSignedIn() ? working.reason : new MessagingError('session.expired', 'The account is not signed in.');
  if (stopped && record.facts.state !== 'uncertain') {
    // The next turn asks at once only where it would not send instead; and an outcome with a reply is shown to a person as it is.
    const isAskedNext = isExhausted(record, parts) || record.readAtMs >= forgottenAtMs(record.facts.sentAtMs, message, parts);
    if (!outcome.reply && isAskedNext) return { ...afterError(record, stopped, 'unknown', true, parts), isUnheard: false, ifNot: outcome };
  }
  if (stopped || known === undefined) return askedLater(outcome, parts);
  if (known === 'processed') return { state: 'replied', reason: 'confirmed', isOpen: false, reply: null };
  return (known === 'not-processed' ? outcome.ifNot : undefined) ?? outcome;
}

/** An `uncertain` outcome that the application is asked about again, but not in this moment: in a half of the longest wait to all of it. */
export function askedLater(outcome: Outcome, { maxDelayMs = 300_000, random = Math.random }: OutboxParts): Outcome {
  return { ...outcome, dueInMs: ((1 + random()) / 2) * maxDelayMs };
}
