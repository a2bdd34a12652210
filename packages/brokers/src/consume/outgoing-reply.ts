import { MessagingError, readReply } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { propertiesOf } from '../mapping/message-properties.ts';
import type { MessageProperties } from '../mapping/message-properties.ts';
import { claimed } from '../mapping/property-table.ts';
import type { BrokerDelivery } from './broker-delivery.ts';
import { allowsTarget } from './reply-targets.ts';
import type { ReplyTargets } from './reply-targets.ts';

/** A reply to be published before its request is acknowledged. */
export interface OutgoingReply {
  /** An address of the allow list. */
  readonly target: string;
  /** The reply to the byte, as it was stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly properties: MessageProperties;
  readonly message: Message;
}

/** What decides where a reply goes. */
interface ReplyCircumstances {
  /** Who sent the request, where that is known. */
  readonly sender: string | undefined;
  readonly replyTargets: ReplyTargets | undefined;
  /** Is told of a reply that may not go where it should. */
  readonly tellError: (error: unknown) => void;
}

/** The reply to a delivery, at the target that it names; `undefined` where it names none, or one that is not allowed, of which the application is told. */
export function outgoingReply({ claims }: BrokerDelivery, bytes: Uint8Array<ArrayBuffer>, circumstances: ReplyCircumstances): OutgoingReply | undefined {
  const target = claimed(claims, 'replyTarget');
  if (target === undefined) {
    return undefined;
  }
  if (!isAllowed(target, circumstances)) {
    circumstances.tellError(new MessagingError('address.refused', 'A reply target is not on the list: the reply was not sent.', { delivery: 'no' }));
    return undefined;
  }
  // No limits: the reply is our own.
  const { message } = readReply(bytes, { limits: { maxBytes: Infinity, maxEntries: Infinity } });
  const orderingKey = claimed(claims, 'orderingKey');
  const trace = { traceparent: claimed(claims, 'traceparent'), tracestate: claimed(claims, 'tracestate') };
  return { target, bytes, message, properties: propertiesOf(message, { ...trace, orderingKey }) };
}

/** Whether a target is allowed; not one, written by a sender, at which `replyTargets` throws. */
function isAllowed(target: string, { sender, replyTargets, tellError }: ReplyCircumstances): boolean {
  try {
    return allowsTarget(replyTargets, target, sender);
  } catch (error) {
    tellError(error);
    return false;
  }
}
