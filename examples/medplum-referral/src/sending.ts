import { isMessagingError, toIssues } from '@fhir-messaging/core';
import type { Issue, Resource, SubmissionState } from '@fhir-messaging/core';

/** A submission's or an update's state, whatever its event. */
export type SendingState = SubmissionState<unknown, Resource>;

/** What a person may do in a state: send, send the same one again, decide between two, or wait. */
export type NextStep = 'send' | 'resend' | 'decide' | 'none';

/** What comes next: while it is not known whether a message arrived, nothing but that same message. */
export function nextStep(state: SendingState): NextStep {
  switch (state.kind) {
    case 'idle':
    case 'invalid':
      return 'send';
    case 'refused':
      return state.mayHaveArrived ? 'resend' : 'send';
    case 'rejected':
      return state.reply.kind === 'fatal-error' || state.reply.pinned ? 'send' : 'resend';
    case 'failed':
      return state.delivery === 'no' ? 'send' : 'resend';
    case 'mayHaveArrived':
      return 'decide';
    case 'checking':
    case 'sending':
    case 'accepted':
    case 'done':
      return 'none';
  }
}

/** A state in words. */
export function inWords(state: SendingState, what: 'referral' | 'change'): string {
  switch (state.kind) {
    case 'idle':
      return `This ${what} was not sent yet.`;
    case 'checking':
      return `The ${what} is checked.`;
    case 'sending':
      return state.waitingUntilMs === undefined ? `The ${what} is on its way, attempt ${state.attempt}.` : `No answer yet: the same ${what} goes out again, attempt ${state.attempt}.`;
    case 'accepted':
      return `The referral manager took the ${what} over. Its answer comes later.`;
    case 'done':
      return `The referral manager has the ${what}.${state.reply.attempts > 1 ? ` It took ${state.reply.attempts} attempts, and was taken once.` : ''}`;
    case 'invalid':
      return `The ${what} was not sent: it breaks a rule.`;
    case 'refused':
      return state.mayHaveArrived ? `The last attempt was refused, but an earlier one may have arrived.` : `The ${what} was refused, and nothing was done with it.`;
    case 'rejected':
      return state.reply.kind === 'fatal-error' ? `The referral manager turned the ${what} down.` : `The referral manager cannot take the ${what} now.`;
    case 'failed':
      return `${state.delivery === 'no' ? `The ${what} was not sent.` : `The ${what} may have arrived: nobody answered. Sent again as it is, it is the same message, which the referral manager can recognise.`}${howToGoOn(state.error)}`;
    case 'mayHaveArrived':
      return `An earlier ${what} may have arrived. Send that one again, or this one too?`;
  }
}

/** Without a session, nothing goes out of this page again. */
function howToGoOn(error: unknown): string {
  return isMessagingError(error) && error.code === 'session.expired' ? ' Your sign-in is over: open the app from your EHR again.' : '';
}

/** What the other side, or a rule, has to say. */
export function issuesOf(state: SendingState): readonly Issue[] {
  if ('issues' in state) return state.issues;
  if ('error' in state) return toIssues(state.error);
  return 'reply' in state ? state.reply.issues : [];
}

/** The message whose fate is open, and has to outlive a reload. */
export function openMessage(state: SendingState): Extract<SendingState, { readonly message: unknown }>['message'] | undefined {
  const isOpen = 'message' in state && state.kind !== 'done' && state.kind !== 'accepted' && nextStep(state) !== 'send';
  return isOpen ? state.message : undefined;
}
