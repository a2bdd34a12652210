import type { ReceiverOptions } from '../create-receiver.ts';
import { requireNumbers } from '../require-numbers.ts';
import type { HttpHandlerOptions } from './http-handler-options.ts';

/** The options that a receiver has and a handler has not: given to a handler they would do nothing. */
const ofReceiver: Readonly<Record<Exclude<keyof ReceiverOptions, keyof HttpHandlerOptions>, true>> = {
  source: true,
  identity: true,
  cache: true,
  base: true,
  contentErrors: true,
  inFlight: true,
  replies: true,
  addressOf: true,
  replyTo: true,
  newId: true,
  now: true,
  wait: true,
};

/** Refuses, at once, options that belong to the receiver, and limits that are none. @throws {TypeError} */
export function requireHttpOptions(options: HttpHandlerOptions<unknown>): void {
  const misplaced = Object.keys(options).find((name) => Object.hasOwn(ofReceiver, name));
  if (misplaced !== undefined) {
    throw new TypeError(`httpHandler: ${misplaced} is an option of createReceiver.`);
  }
  const { maxBytes, maxEntries, maxConcurrent } = options.limits ?? {};
  requireNumbers('httpHandler', 'above 0', { maxBytes, maxEntries, maxConcurrent });
}
