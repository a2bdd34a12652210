import { processMessageTransport } from '@fhir-messaging/core';
import type { ProcessMessageTransportOptions, Transport } from '@fhir-messaging/core';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetchOptions } from './authorized-fetch.ts';
import { requireTokenOrigin } from './require-token-origin.ts';
import { sessionExpired } from './session-expired.ts';
import type { SmartClient } from './smart-client.ts';

/** Where and how messages are posted. They are copied: of an instance of a class its fields count, and no getters or methods. */
export interface SmartTransportOptions extends AuthorizedFetchOptions, Omit<ProcessMessageTransportOptions, 'baseUrl' | 'fetch' | 'redirectOrigins'> {
  /** Where messages go, when not to the client's own server. @defaultValue the client's `state.serverUrl` */
  readonly baseUrl?: string | undefined;
  /** Headers for each attempt, beside the client's authorization. */
  readonly headers?: ProcessMessageTransportOptions['headers'];
}

/**
 * Sends messages to `$process-message` with a SMART client's authorization; the answer is handed back as it came, and the session stays as it is.
 *
 * Each attempt is one request, and one more where the server answers 401 and the client has a refresh token: the token is renewed once, and the
 * same bytes go again. The retry is the messenger's.
 *
 * @throws {MessagingError} at once: `address.refused` when `baseUrl` is on an origin that the token may not go to. By the transport:
 * `session.expired`, delivery `no`, for a 401 that stays: sign in again; `transport.failed`, delivery `no`, for a 401 where the token could not be
 * renewed for now, which the messenger tries again; and those of `processMessageTransport`.
 * @throws {TypeError} at once, when `baseUrl` is missing, relative, of another scheme than http(s), or with userinfo.
 * @example const messenger = createMessenger({ transport: smartTransport(client), source });
 */
export function smartTransport(client: SmartClient, options: SmartTransportOptions = {}): Transport {
  const { baseUrl = client.state.serverUrl } = options;
  requireTokenOrigin(baseUrl, client, options.allowTokenTo);
  // Refuses wrong options at once.
  processMessageTransport({ ...options, baseUrl });
  return async function smart({ onLeaving, ...outgoing }) {
    // `onLeaving` goes to the fetch, which alone knows when the token is there and the request leaves.
    const receipt = await processMessageTransport({ ...options, baseUrl, fetch: authorizedFetch(client, options, onLeaving) })(outgoing);
    if (receipt.status === 401) {
      throw sessionExpired(receipt.body);
    }
    return receipt;
  };
}
