import type { Reader, ReadOptions } from '@fhir-messaging/core';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetchOptions } from './authorized-fetch.ts';
import { readJson } from './read-json.ts';
import type { SmartClient } from './smart-client.ts';

/** How resources are read. */
export type SmartReaderOptions = Pick<AuthorizedFetchOptions, 'fetch'>;

/**
 * Reads, searches and posts batches on a SMART client's own server, with its authorization, for `assemble`; the session stays as it is, and no
 * redirect is followed.
 *
 * @throws {MessagingError} by each member: `transport.status`, with `status` and the server's issues, for any answer but a success;
 * `session.expired` for a 401 that stays; `json.invalid`; `transport.failed` when the connection fails. An abort rejects with the signal's reason.
 * @example const { payload } = await assemble(event, 'ServiceRequest/123', smartReader(client));
 */
export function smartReader(client: SmartClient, options: SmartReaderOptions = {}): Reader {
  const baseUrl = client.state.serverUrl.replace(/\/+$/, '');
  const send = authorizedFetch(client, options);
  const ask = (url: string, { signal }: ReadOptions = {}, init: RequestInit = {}): Promise<unknown> =>
    readJson(() => send(url, { headers: { accept: fhirJson }, redirect: 'manual', signal: signal ?? null, ...init }), signal);
  const get: Reader['read'] = (query, reading) => ask(`${baseUrl}/${query}`, reading);
  return Object.freeze<Reader>({
    baseUrl,
    read: get,
    search: get,
    batch: (bundle, reading) => ask(baseUrl, reading, { method: 'POST', headers: { accept: fhirJson, 'content-type': fhirJson }, body: JSON.stringify(bundle) }),
  });
}

const fhirJson = 'application/fhir+json';
