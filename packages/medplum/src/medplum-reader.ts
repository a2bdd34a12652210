import { MessagingError, toIssues } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';
import { requirePlatform } from './require-platform.ts';

/**
 * Reads through a Medplum client, for `assemble`: nothing comes from the client's cache, and what Medplum adds to `meta` (project, author,
 * accounts) is left out, since it is nobody else's business.
 *
 * @throws {MessagingError} `transport.status`, with the status and the server's issues; `transport.failed` when the connection fails.
 * @example const { payload } = await assemble(submit, 'ServiceRequest/123', { read: medplumReader(medplum) });
 */
export function medplumReader(medplum: MedplumClientLike): Reader {
  requirePlatform();
  const send = clientFetch(medplum);
  return Object.freeze<Reader>({
    baseUrl: medplum.fhirUrl().href,
    read: (reference, { signal }) => readJson(send, medplum.fhirUrl(reference), { signal }),
    search: (query, { signal }) => readJson(send, medplum.fhirUrl(query), { signal }),
    batch: (bundle, { signal }) => readJson(send, medplum.fhirUrl(), { signal, body: JSON.stringify(bundle) }),
  });
}

async function readJson(send: typeof fetch, url: URL, { signal, body }: { signal: AbortSignal | undefined; body?: string }): Promise<unknown> {
  const accept = 'application/fhir+json';
  const init = body === undefined ? { method: 'GET', headers: { accept } } : { method: 'POST', headers: { accept, 'content-type': accept }, body };
  let response: Response;
  let text: string;
  try {
    response = await send(url.href, { ...init, ...(signal && { signal }) });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new MessagingError('transport.failed', 'The connection to the server failed.', { cause });
  }
  const { ok, status } = response;
  const value = parse(text);
  if (!ok || value === undefined) {
    const issues = value === undefined ? [] : toIssues(value);
    throw new MessagingError('transport.status', `The server answered ${status}${ok ? ' without JSON' : ''}.`, { status, issues });
  }
  return value;
}

/** `undefined` where it is no JSON, such as a proxy's error page. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, (name, value: unknown) => (name === 'meta' ? fhirMeta(value) : value));
  } catch {
    return undefined;
  }
}

/** The elements of FHIR's Meta. */
const ofMeta: ReadonlySet<string> = new Set(['id', 'extension', 'versionId', 'lastUpdated', 'source', 'profile', 'security', 'tag']);

function fhirMeta(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).filter(([name]) => ofMeta.has(name.replace(/^_/, '')))) : value;
}
