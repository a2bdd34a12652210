import { r4 } from '@fhir-messaging/core';
import type { IdentityStrategy } from '@fhir-messaging/core';

/**
 * How Netsmart names messages: replies quote the request's `Bundle.id`, a resend is the same bytes, and there is no asynchronous exchange.
 *
 * Nothing is published about a cache of processed messages, so a submission that may have arrived is not sent again by itself.
 */
export const netsmart: IdentityStrategy = {
  ...r4,
  name: 'netsmart',
  message: ['Bundle.id', 'MessageHeader.id', 'Bundle.identifier', 'MessageHeader.fullUrl'],
  replyQuotes: ['Bundle.id', 'MessageHeader.id', 'Bundle.identifier', 'MessageHeader.fullUrl'],
  resend: { consequence: 'same', currency: 'same', notification: 'same' },
  async: false,
};
