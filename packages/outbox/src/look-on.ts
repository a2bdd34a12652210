import { isMessagingError } from '@fhir-messaging/core';
import { every } from './every.ts';
import type { Outbox } from './outbox.ts';

/** How often a storage that could not be read is looked at. */
const lookAgainAfterMs = 5_000;

/**
 * Looks at an outbox now and at each change; every few seconds while its storage cannot be read, since no change may come then.
 *
 * @returns a function that stops it.
 */
export function lookOn(outbox: Outbox, look: () => Promise<void>, fail: (error: unknown) => void): () => void {
  let stopTrying: (() => void) | undefined;
  let isOver = false;
  const begin = (): void => void look().then(found, notFound).catch(fail);
  const found = (): void => {
    stopTrying?.();
    stopTrying = undefined;
  };
  const notFound = (error: unknown): void => {
    requireUnreadable(error);
    if (!isOver) stopTrying ??= every(lookAgainAfterMs, begin);
  };
  const leave = outbox.subscribe(begin);
  begin();
  return () => {
    isOver = true;
    leave();
    found();
  };
}

/** Throws any error but `storage.unavailable`: the message is stored, and a storage that cannot be read at the moment says nothing of it. */
export function requireUnreadable(error: unknown): void {
  if (!isMessagingError(error) || error.code !== 'storage.unavailable') throw error;
}
