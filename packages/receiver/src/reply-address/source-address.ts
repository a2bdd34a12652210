import type { Message } from '@fhir-messaging/core';

/** The address that a message says it is from, as R4 and as R5 write it; empty where it says none. */
export function sourceAddress({ graph }: Message): string {
  const source: { endpoint?: unknown; endpointUrl?: unknown } = { ...graph.header?.source };
  const address = source.endpoint ?? source.endpointUrl;
  return typeof address === 'string' ? address : '';
}
