import type { QueuedMessage } from '@fhir-messaging/react-hooks';

/** A button on a queued message, and what it does. */
export interface MessageAction {
  readonly label: string;
  /** Sends the same one again; says that it arrived, or that it did not and goes out again; takes back what did not leave; forgets what did not arrive. */
  readonly does: 'retry' | 'arrived' | 'notArrived' | 'cancel' | 'forget';
  readonly isPlain?: boolean;
}

const cancel: MessageAction = { label: 'Take it back', does: 'cancel', isPlain: true };
const arrived: MessageAction = { label: 'They have it', does: 'arrived' };
const forget: MessageAction = { label: 'They do not have it: take it back', does: 'forget', isPlain: true };
const again: MessageAction = { label: 'Send the same one again', does: 'retry' };

/** What somebody can do about a queued message, the likeliest first. Nothing of it makes a second one; what is over is sent anew from its form. */
export function actionsFor({ state, reason, sends, mayHaveArrived, isOver }: QueuedMessage, isOnline: boolean): readonly MessageAction[] {
  switch (state) {
    case 'pending': {
      const now = isOnline && sends > 0 ? [{ ...again, label: 'Send it now', isPlain: true }] : [];
      return mayHaveArrived ? now : [...now, cancel];
    }
    case 'waiting':
      return mayHaveArrived ? [] : [cancel];
    case 'blocked':
      return isOver ? [] : [cancel];
    case 'uncertain':
      switch (reason) {
        case 'reply.invalid':
          return [again, { ...arrived, isPlain: true }];
        case 'pinned':
          return [arrived, forget];
        default:
          return [arrived, { label: 'They do not have it: send it again', does: 'notArrived', isPlain: true }, forget];
      }
    case 'sending':
    case 'accepted':
    case 'overdue':
    case 'replied':
    case 'rejected':
    case 'dead':
      return [];
  }
}
