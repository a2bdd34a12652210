import { fetchReader } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetchOptions } from './authorized-fetch.ts';
import type { SmartClient } from './smart-client.ts';

/** How resources are read. */
export type SmartReaderOptions = Pick<AuthorizedFetchOptions, 'fetch'>;

/**
 * Reads, searches and posts batches on a SMART client's own server, with its authorization, for `assemble`; the session stays as it is, and no
 * redirect is followed.
 *
 * @throws {MessagingError} by each member: those of `fetchReader`; `session.expired` for a 401 that stays with a renewed token; `transport.failed`
 * for a 401 where the token could not be renewed for now.
 * @example const { payload } = await assemble(event, 'ServiceRequest/123', smartReader(client));
 */
export function smartReader(client: SmartClient, options: SmartReaderOptions = {}): Required<Reader> {
  return fetchReader({ baseUrl: client.state.serverUrl, fetch: authorizedFetch(client, options) });
}
