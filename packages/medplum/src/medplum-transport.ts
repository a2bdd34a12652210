import { MessagingError, processMessageTransport } from '@fhir-messaging/core';
import type { ProcessMessageTransportOptions, Transport } from '@fhir-messaging/core';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';
import { requirePlatform } from './require-platform.ts';

/** How messages are posted; where they go, and with whose authorization, the client says. */
export type MedplumTransportOptions = Omit<ProcessMessageTransportOptions, 'baseUrl' | 'fetch'>;

/**
 * Sends messages through a Medplum client: to `$process-message` below its FHIR base, or to `path`, such as `Bot/{id}/$execute`.
 *
 * Each attempt is one request with the client's own authorization, whose own retries are off, and every answer a receipt: status, headers
 * and body as they came. A 401 has the token renewed and the same bytes posted once more, where the client can renew it.
 *
 * @throws {MessagingError} `transport.failed` when the connection fails, or the token has run out and cannot be renewed (delivery `no`);
 * `transport.unsupported` when a bot is asked for an asynchronous exchange; `reply.invalid` when a success is larger than `maxBodyBytes`.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example createMessenger({ transport: medplumTransport(medplum), source: 'https://app.example.org' })
 */
export function medplumTransport(medplum: MedplumClientLike, options: MedplumTransportOptions = {}): Transport {
  requirePlatform();
  const { path = '', headers } = options;
  const toBot = /(^|\/)\$execute(\?|$)/.test(path);
  const transport = processMessageTransport({
    ...options,
    baseUrl: medplum.fhirUrl().href,
    fetch: clientFetch(medplum),
    headers: async (context) => {
      // Here and not in the request: what fails now has sent nothing.
      await medplum.refreshIfExpired();
      return new Headers(typeof headers === 'function' ? await headers(context) : headers);
    },
  });
  return async (outgoing) => {
    if (toBot && (outgoing.async === true || outgoing.responseUrl !== undefined)) {
      throw new MessagingError('transport.unsupported', 'A bot is not told of async or response-url: nothing was sent.', { delivery: 'no' });
    }
    return await transport(outgoing);
  };
}
