import { actionsOf } from '@fhir-messaging/outbox';
import type { OutboxAction } from '@fhir-messaging/outbox';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';

/** A button on a queued message, and what it does. */
export interface MessageAction {
  readonly label: string;
  /** Sends the same one again; says that it arrived, or that it did not and goes out again; takes back what did not leave; forgets what did not arrive. */
  readonly does: 'retry' | 'arrived' | 'notArrived' | 'cancel' | 'forget';
  readonly isPlain?: boolean;
}

const arrived: MessageAction = { label: 'They have it', does: 'arrived' };
const notArrived: MessageAction = { label: 'They do not have it: send it again', does: 'notArrived', isPlain: true };
const forget: MessageAction = { label: 'They do not have it: take it back', does: 'forget', isPlain: true };
const again: MessageAction = { label: 'Send the same one again', does: 'retry' };

const buttons: Readonly<Record<OutboxAction, readonly MessageAction[]>> = {
  retry: [{ label: 'Send it now', does: 'retry', isPlain: true }],
  decide: [arrived, notArrived, forget],
  cancel: [{ label: 'Take it back', does: 'cancel', isPlain: true }],
  remove: [],
};

/** What somebody can do about a queued message, the likeliest first. Nothing of it makes a second one; what is over is sent anew from its form. */
export function actionsFor(message: QueuedMessage, isOnline: boolean): readonly MessageAction[] {
  const { reason, isOver } = message;
  const possible = isOver ? [] : actionsOf(message);
  if (possible.includes('decide') && reason === 'reply.invalid') return [again, { ...arrived, isPlain: true }];
  if (possible.includes('decide') && reason === 'pinned') return [arrived, forget];
  return possible.flatMap((action) => (action === 'retry' && !isOnline ? [] : buttons[action]));
}
