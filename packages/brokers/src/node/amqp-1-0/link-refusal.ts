import { MessagingError } from '@fhir-messaging/core';

/** The error for a link that the broker closed. Only the condition of the broker's error is passed on, a name of the protocol. */
export function linkRefusal(error: unknown): MessagingError {
  const condition = conditionOf(error);
  const code = condition === ' (amqp:not-found)' ? 'address.refused' : 'transport.failed';
  return new MessagingError(code, `The broker closed the link${condition}: nothing was sent.`, { delivery: 'no' });
}

/** The condition of an error of AMQP 1.0, such as `amqp:not-found`, as part of a sentence. */
export function conditionOf(error: unknown): string {
  const condition = typeof error === 'object' && error !== null && 'condition' in error ? error.condition : undefined;
  return typeof condition === 'string' ? ` (${condition})` : '';
}
