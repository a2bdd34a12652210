import { tell } from '@fhir-messaging/core';
import type { AboutMessage } from '@fhir-messaging/receiver';

/** Whoever is told of errors. */
export interface Reporting {
  readonly onError?: ((error: unknown, about?: AboutMessage) => void) | undefined;
}

/** Tells the application of an error of which no sender is told. */
export function report(error: unknown, { onError }: Reporting, about?: AboutMessage): void {
  tell([onError], error, ...(about ? [about] : []));
}
