import { isMessagingError, MessagingError } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import type { AnyMessage, Reached, Sent, State } from './submission-parts.ts';

/** The state that a reply brings a message to. */
export function stateAfter({ message, mayHaveArrived }: Sent, reply: Reply<Resource>): Reached {
  const { issues } = reply;
  switch (reply.kind) {
    case 'ok':
    case 'processed':
      return { kind: 'done', message, reply };
    case 'accepted':
      return { kind: 'accepted', message, reply };
    case 'refused':
      return { kind: 'refused', message, reply, issues, mayHaveArrived };
    case 'transient-error':
    case 'fatal-error':
      return { kind: 'rejected', message, reply, issues };
  }
}

/** The state that an error brings a message to, with what is known of its arrival over all attempts. */
export function stateFailed({ message }: Sent, thrown: unknown, delivery: Delivery): Reached {
  const error = thrown instanceof Error ? thrown : new Error('What was thrown is no Error.', { cause: thrown });
  const isUnsound = isMessagingError(error) && error.code === 'message.invalid' && delivery === 'no';
  return isUnsound ? { kind: 'invalid', error, issues: error.issues } : { kind: 'failed', message, error, delivery };
}

/** The state of a message of which nothing is known but that it was sent: its page or process ended, or it went on after its send. */
export function stateUnknown(message: AnyMessage): Reached {
  const error = new MessagingError('transport.failed', 'Nobody saw what became of this message: it may have arrived.', { delivery: 'unknown' });
  return { kind: 'failed', message, error, delivery: 'unknown' };
}

/** The state of a message while it is asked whether another one is to be sent as well. */
export function stateAsked({ message, state }: Sent): State {
  return { kind: 'mayHaveArrived', message, earlier: state };
}
