import { tell } from '@fhir-messaging/core';
import type { AboutMessage } from './about-message.ts';
import type { Reception } from './reception.ts';

/** Tells the application of an error inside, of which no sender is told. */
export function report(error: unknown, { onError }: Pick<Reception, 'onError'>, about?: AboutMessage): void {
  tell([onError], error, ...(about ? [about] : []));
}
