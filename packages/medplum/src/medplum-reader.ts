import { isMessagingError, MessagingError, readOutcome } from '@fhir-messaging/core';
import type { Reader, ReadOptions } from '@fhir-messaging/core';
import type { Meta } from '@medplum/fhirtypes';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';

/**
 * Reads, searches and posts batches through a Medplum client, for `assemble`.
 *
 * Nothing comes from the client's cache, and what Medplum adds to `meta` (project, author, accounts) is left out: it is no FHIR, and nobody else's
 * business.
 *
 * @throws {MessagingError} by each member: `transport.status`, with `status` and the server's issues, for any answer but JSON;
 * `session.expired` for a 401 that stays; `transport.failed` when the connection fails. An abort rejects with the signal's reason.
 * @example const { payload } = await assemble(forMedplum(submitServiceRequest), 'ServiceRequest/123', medplumReader(medplum));
 */
export function medplumReader(medplum: MedplumClientLike): Reader {
  const send = clientFetch(medplum);
  const read = (path: string, options: ReadOptions): Promise<unknown> => readJson(send, medplum.fhirUrl(path), options);
  return Object.freeze<Reader>({
    baseUrl: medplum.fhirUrl().href.replace(/\/+$/, ''),
    read,
    search: read,
    batch: (bundle, options) => readJson(send, medplum.fhirUrl(), options, JSON.stringify(bundle)),
  });
}

const fhirJson = 'application/fhir+json';

async function readJson(send: typeof fetch, url: URL, { signal }: ReadOptions = {}, body: string | null = null): Promise<unknown> {
  const headers = { accept: fhirJson, 'content-type': fhirJson };
  let response: Response;
  let bytes: Uint8Array;
  try {
    signal?.throwIfAborted();
    response = await send(url, { method: body === null ? 'GET' : 'POST', headers, body, signal: signal ?? null });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    signal?.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The connection failed.', { cause });
  }
  const { ok, status } = response;
  const value = ok ? parseJson(bytes) : undefined;
  if (value === undefined) {
    throw new MessagingError('transport.status', `The server answered ${status}, without JSON to read.`, { status, issues: readOutcome(bytes) });
  }
  return value;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), (name, value: Meta) => (name === 'meta' ? ofFhir(value) : value));
  } catch {
    return undefined;
  }
}

function ofFhir({ project, author, onBehalfOf, account, accounts, compartment, ...meta }: Meta): Meta {
  return meta;
}
