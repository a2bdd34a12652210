import { fetchReader, untilAborted } from '@fhir-messaging/core';
import type { Reader } from '@fhir-messaging/core';
import { clientFetch } from './client-fetch.ts';
import type { MedplumClientLike } from './medplum-client.ts';

/**
 * Reads, searches and posts batches through a Medplum client, for `assemble`.
 *
 * Nothing comes from the client's cache. Medplum's own members of `meta` (project, author, accounts) are left out: they are no FHIR, and nobody else's
 * business.
 *
 * @throws {MessagingError} by each member: those of `fetchReader`; `session.expired` for a 401 that stays; `transport.failed` where a renewal fails and
 * the client keeps its token.
 * @example const { payload } = await assemble(forMedplum(submitServiceRequest), 'ServiceRequest/123', medplumReader(medplum));
 */
export function medplumReader(medplum: MedplumClientLike): Required<Reader> {
  const send = clientFetch(medplum);
  return fetchReader({
    baseUrl: medplum.fhirUrl().href,
    fetch: async (url, init) => {
      // The client does not look at the signal while it waits for a token.
      const response = await untilAborted(send(url, init), init?.signal ?? undefined);
      return response.ok ? new Response(ofFhir(await response.text()), response) : response;
    },
  });
}

/** The same JSON in FHIR's own elements; any other text as it is. */
function ofFhir(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (name, value: Own | null) => (name === 'meta' && value ? withoutOwn(value) : value)));
  } catch {
    return text;
  }
}

type Own = Partial<Record<'project' | 'author' | 'onBehalfOf' | 'account' | 'accounts' | 'compartment', unknown>>;

function withoutOwn({ project, author, onBehalfOf, account, accounts, compartment, ...meta }: Own): object {
  return meta;
}
