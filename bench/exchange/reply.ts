import { randomUUID } from 'node:crypto';

/** As much of a message as a bare server looks at. */
interface Request {
  readonly entry: readonly { readonly resource: { readonly id: string } }[];
}

/** The reply to a message, as a bare server writes it: what a receiver answers, written by hand. */
export function replyTo({ entry: [header] }: Request): object {
  const id = randomUUID();
  const resource = {
    resourceType: 'MessageHeader',
    id,
    eventCoding: { system: 'https://bench.example.org/events', code: 'submit-many-service-requests' },
    destination: [{ endpoint: 'https://app.example.org/fhir' }],
    source: { endpoint: 'https://bench.example.org/fhir' },
    response: { identifier: header?.resource.id, code: 'ok' },
  };
  return { resourceType: 'Bundle', id: randomUUID(), type: 'message', timestamp: new Date().toISOString(), entry: [{ fullUrl: `urn:uuid:${id}`, resource }] };
}
