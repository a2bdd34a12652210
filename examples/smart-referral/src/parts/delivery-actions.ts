import type { Resource, SubmissionState } from '@fhir-messaging/core';

/** A button, and what it does. */
export interface DeliveryAction {
  readonly label: string;
  readonly does: 'submit' | 'resend' | 'submitAnyway' | 'dismiss' | 'abort' | 'nothing';
  readonly isPlain?: boolean;
}

/** What the buttons depend on beside the state. */
export interface DeliverySetting {
  readonly what: 'referral' | 'change';
  /** Whether there is anything to send. */
  readonly canSend: boolean;
  /** Whether it was changed since it was sent. */
  readonly isChanged: boolean;
}

/** What somebody can do in each state, the likeliest first. */
export function actionsFor(state: SubmissionState<unknown, Resource>, { what, canSend, isChanged }: DeliverySetting): readonly DeliveryAction[] {
  const send: DeliveryAction = { label: `Send the ${what}`, does: canSend ? 'submit' : 'nothing' };
  const again: DeliveryAction = { label: 'Send the same one again', does: 'resend' };
  const unsure = [again, ...(isChanged ? [{ label: 'Send it as it is now', does: 'submit', isPlain: true } as const] : [])];
  switch (state.kind) {
    case 'idle':
    case 'invalid':
      return [send];
    case 'checking':
    case 'sending':
      return [
        { label: 'Sending…', does: 'nothing' },
        { label: 'Stop', does: 'abort', isPlain: true },
      ];
    case 'accepted':
      return [];
    case 'done':
      return what === 'change' ? [send] : [];
    case 'refused':
      return state.mayHaveArrived ? unsure : [send];
    case 'rejected':
      if (state.reply.kind === 'fatal-error') return [send];
      return state.reply.pinned ? [{ label: 'Send it as a new one', does: 'submit' }] : unsure;
    case 'failed':
      return state.delivery === 'no' ? [send] : unsure;
    case 'mayHaveArrived':
      // What may make a second referral is last: no button of another state stood there, so that no double click hits it.
      return [
        { label: 'Send only the earlier one again', does: 'resend' },
        { label: 'Go back', does: 'dismiss', isPlain: true },
        { label: 'Send this one too', does: 'submitAnyway', isPlain: true },
      ];
  }
}
