import type { Claim } from '../mapping/property-table.ts';

/** One message, as a broker handed it over. */
export interface BrokerDelivery {
  /** The body, to the byte. */
  readonly bytes: Uint8Array;
  /** What the fields and headers say, as the binding's table reads them: the sender wrote them, and nobody vouches for them. */
  readonly claims: readonly Claim[];
  /** How often the message has been handed over, this time included. */
  readonly attempt: number;
  /** Aborts when this process is to stop working on the message, which is then neither done nor dead. */
  readonly signal: AbortSignal;
}
