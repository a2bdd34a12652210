import type { Transport } from '@fhir-messaging/core';
import type { Receiver } from '@fhir-messaging/receiver';

/** A broker, as far as the two processes need one. */
export interface Broker {
  /** Makes sure that there is where messages go. */
  prepare(): Promise<void>;
  /** Sends messages, and brings their replies back. */
  send(): Promise<Transport & { close(): Promise<void> }>;
  /** Has messages handled, and their replies sent. */
  receive(receiver: Receiver): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** The topic or queue of both processes. */
export const place = 'referrals';
