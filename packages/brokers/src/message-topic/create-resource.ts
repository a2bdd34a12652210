import { isMessagingError, MessagingError, readOperationOutcome, untilAborted } from '@fhir-messaging/core';
import type { HeadersLike } from '@fhir-messaging/core';
import { textIn } from '../mapping/json.ts';

/** A FHIR server, as its administrator reaches it. */
export interface TopicServer {
  /** Such as `https://fhir.example.org/w/tenant/api/v1/fhir/r4`. */
  readonly baseUrl: string;
  /** @defaultValue the platform's */
  readonly fetch?: typeof fetch | undefined;
  readonly headers?: HeadersLike | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates a resource on a server.
 *
 * @returns the id that the server gave it.
 * @throws {MessagingError} `transport.status` where the server refuses, with its issues; `transport.failed`; `reply.invalid` where it gives no id.
 */
export async function createResource(resource: { readonly resourceType: string }, { baseUrl, fetch: send = fetch, headers: given, signal }: TopicServer): Promise<string> {
  const type = resource.resourceType;
  const headers = new Headers(given);
  headers.set('content-type', 'application/fhir+json');
  headers.set('accept', 'application/fhir+json');
  try {
    const request = { method: 'POST', headers, body: JSON.stringify(resource), redirect: 'manual', ...(signal && { signal }) } as const;
    const response = await untilAborted(send(`${baseUrl.replace(/\/+$/, '')}/${type}`, request), signal);
    const body = new Uint8Array(await response.arrayBuffer());
    const { status } = response;
    if (!response.ok) {
      throw new MessagingError('transport.status', `The server answered ${status} to a new ${type}.`, { status, issues: readOperationOutcome(body) ?? [] });
    }
    const id = idIn(body);
    if (id === undefined) {
      throw new MessagingError('reply.invalid', `The server does not say which id the ${type} has.`, { status });
    }
    return id;
  } catch (cause) {
    signal?.throwIfAborted();
    // The platform's error is not passed on: it may quote a header, which holds credentials.
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', `A ${type} could not be posted.`, { delivery: 'unknown' });
  }
}

function idIn(body: Uint8Array): string | undefined {
  try {
    return textIn(JSON.parse(new TextDecoder().decode(body)), 'id');
  } catch {
    return undefined;
  }
}
