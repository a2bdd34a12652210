import { processMessageTransport } from '@fhir-messaging/core';
import type { ProcessMessageTransportOptions, Transport } from '@fhir-messaging/core';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';
import { ownerOf } from './session.ts';
import { requirePlatform } from './require-platform.ts';

/** How many messages have their owner remembered. */
const maxOwners = 10_000;

/** How messages are posted; the client says where to, and with whose authorization. They are copied: of an instance of a class its fields count, and no getters or methods. */
export type MedplumTransportOptions = Omit<ProcessMessageTransportOptions, 'baseUrl' | 'fetch'>;

/**
 * Sends messages through a Medplum client: to `$process-message` below its FHIR base, or to `path`, such as `Bot/{id}/$execute`.
 *
 * Each attempt is one request with the client's own authorization, and its answer a receipt: status, headers and body as they came. After a 401
 * the token is renewed once, where the client can, and the same bytes go again. The retry is the messenger's; the client's own is off.
 *
 * A message goes out only under the session of whoever was signed in at its first attempt, or, if nobody was, last before it. Nothing is sent where
 * the client says (`getActiveLogin`) that somebody else is signed in by then. The owners of the last 10,000 messages are remembered.
 *
 * @throws {MessagingError} `session.expired`, delivery `no`, for a 401 that stays, or where somebody else is signed in: sign in again;
 * `transport.failed` when the connection fails, and, with delivery `no`, when a renewal fails and the client keeps its token, so that the next attempt
 * may go through; `reply.invalid` when a success is larger than `maxBodyBytes`. At once: `platform.unsupported` in a runtime without the web's globals.
 * @throws {TypeError} at once, for a base of the client, or one of `redirectOrigins`, that `processMessageTransport` refuses.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example createMessenger({ transport: medplumTransport(medplum), source: 'https://app.example.org' })
 */
export function medplumTransport(medplum: MedplumClientLike, options: MedplumTransportOptions = {}): Transport {
  requirePlatform();
  const baseUrl = medplum.fhirUrl().href;
  // Refuses wrong options at once.
  processMessageTransport({ ...options, baseUrl });
  const owners = new Map<unknown, string | undefined>();
  let last = ownerOf(medplum);
  return async function throughMedplum({ onLeaving, ...outgoing }) {
    const { header } = outgoing.message.graph;
    // Every attempt at a message has the same header id, in whatever object.
    const name = header?.id ?? header;
    last = ownerOf(medplum) ?? last;
    const owner = owners.get(name) ?? last;
    owners.set(name, owner);
    if (owners.size > maxOwners) owners.delete(owners.keys().next().value);
    // `onLeaving` goes to the fetch, which alone knows when the token is there and the request leaves.
    return processMessageTransport({ ...options, baseUrl, fetch: clientFetch(medplum, owner, onLeaving) })(outgoing);
  };
}
