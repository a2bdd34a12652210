import { r4 } from '@fhir-messaging/core';
import type { IdentityStrategy } from '@fhir-messaging/core';

const ids: IdentityStrategy['message'] = /* @__PURE__ */ Object.freeze(['Bundle.id', 'MessageHeader.id', 'Bundle.identifier', 'MessageHeader.fullUrl'] as const);

/**
 * How Netsmart names messages: replies quote the request's `Bundle.id`, a resend is the same bytes, and there is no asynchronous exchange.
 *
 * Nothing is published about a cache of processed messages, so a submission that may have arrived is not sent again by itself.
 */
export const netsmart: IdentityStrategy = /* @__PURE__ */ Object.freeze<IdentityStrategy>({
  ...r4,
  name: 'netsmart',
  message: ids,
  replyQuotes: ids,
  resend: /* @__PURE__ */ Object.freeze({ consequence: 'same', currency: 'same', notification: 'same' }),
  async: false,
});
