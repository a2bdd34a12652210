import { MessagingError, readReply } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { propertiesOf } from '../mapping/message-properties.ts';
import type { MessageProperties } from '../mapping/message-properties.ts';
import { claimed } from '../mapping/property-table.ts';
import type { BrokerDelivery } from './broker-delivery.ts';
import { allowsTarget } from './reply-targets.ts';
import type { ReplyTargets } from './reply-targets.ts';
import { report } from './report.ts';
import type { Reporting } from './report.ts';

/** A reply to be published before its request is acknowledged. */
export interface OutgoingReply {
  /** An address of the allow list. */
  readonly target: string;
  /** The reply to the byte, as it was stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly properties: MessageProperties;
  readonly message: Message;
}

/** Where replies may go, and who is told of those that may not. */
interface ReplyOptions extends Reporting {
  readonly replyTargets?: ReplyTargets | undefined;
}

/** The reply to a delivery, at the target that it names; `undefined` where it names none, or one that is not allowed, of which the application is told. */
export function outgoingReply({ claims }: BrokerDelivery, bytes: Uint8Array<ArrayBuffer>, sender: string | undefined, options: ReplyOptions): OutgoingReply | undefined {
  const target = claimed(claims, 'replyTarget');
  if (target === undefined) {
    return undefined;
  }
  if (!isAllowed(target, sender, options)) {
    report(new MessagingError('address.refused', 'A reply target is not on the list: the reply was not sent.', { delivery: 'no' }), options);
    return undefined;
  }
  // No limits: the reply is our own.
  const { message } = readReply(bytes, { limits: { maxBytes: Infinity, maxEntries: Infinity } });
  const orderingKey = claimed(claims, 'orderingKey');
  const trace = { traceparent: claimed(claims, 'traceparent'), tracestate: claimed(claims, 'tracestate') };
  return { target, bytes, message, properties: propertiesOf(message, { ...trace, orderingKey }) };
}

/** Whether a target is allowed; not one, written by a sender, at which `replyTargets` throws. */
function isAllowed(target: string, sender: string | undefined, options: ReplyOptions): boolean {
  try {
    return allowsTarget(options.replyTargets, target, sender);
  } catch (error) {
    report(error, options);
    return false;
  }
}
