import { tell } from '@fhir-messaging/core';
import type { Reception } from './reception.ts';

/** Tells the application of an error inside, of which no sender is told. */
export function report(error: unknown, { onError }: Pick<Reception, 'onError'>): void {
  tell([onError], error);
}
