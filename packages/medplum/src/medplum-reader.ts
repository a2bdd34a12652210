import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';
import { issuesIn, parseJson } from './parse-json.ts';
import { requirePlatform } from './require-platform.ts';
import { sessionExpired } from './session.ts';

/**
 * Reads, searches and posts batches through a Medplum client, for `assemble`.
 *
 * Nothing comes from the client's cache, and what Medplum adds to `meta` (project, author, accounts) is left out: it is no FHIR, and nobody else's
 * business.
 *
 * @throws {MessagingError} by each member: `transport.status`, with `status` and the server's issues, for any answer but a success;
 * `session.expired` for a 401 that stays; `json.invalid`; `transport.failed` when the connection fails. An abort rejects with the signal's reason.
 * @example const { payload } = await assemble(forMedplum(submitServiceRequest), 'ServiceRequest/123', medplumReader(medplum));
 */
export function medplumReader(medplum: MedplumClientLike): Reader {
  requirePlatform();
  const send = clientFetch(medplum);
  const ask = (path: string, { signal }: { signal?: AbortSignal | undefined } = {}, init: RequestInit = {}): Promise<unknown> =>
    readJson(() => send(medplum.fhirUrl(path), { method: 'GET', headers: { accept: fhirJson }, signal: signal ?? null, ...init }), signal);
  return Object.freeze<Reader>({
    baseUrl: medplum.fhirUrl().href.replace(/\/+$/, ''),
    read: ask,
    search: ask,
    batch: (bundle, options) => ask('', options, { method: 'POST', headers: { accept: fhirJson, 'content-type': fhirJson }, body: JSON.stringify(bundle) }),
  });
}

const fhirJson = 'application/fhir+json';

async function readJson(send: () => Promise<Response>, signal: AbortSignal | undefined): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    signal?.throwIfAborted();
    response = await send();
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The connection to the server failed.', { cause });
  }
  const { ok, status } = response;
  const value = parseJson(text, (name, held) => (name === 'meta' ? ofFhir(held) : held));
  if (status === 401) {
    throw sessionExpired(issuesIn(value));
  }
  if (!ok) {
    throw new MessagingError('transport.status', `The server answered ${status}.`, { status, issues: issuesIn(value) });
  }
  if (value === undefined) {
    throw new MessagingError('json.invalid', 'The answer is not JSON.', { status });
  }
  return value;
}

/** The elements of FHIR's Meta. */
const elements: ReadonlySet<string> = new Set(['id', 'extension', 'versionId', 'lastUpdated', 'source', 'profile', 'security', 'tag']);

function ofFhir(meta: unknown): unknown {
  return typeof meta === 'object' && meta !== null ? Object.fromEntries(Object.entries(meta).filter(([name]) => elements.has(name.replace(/^_/, '')))) : meta;
}
