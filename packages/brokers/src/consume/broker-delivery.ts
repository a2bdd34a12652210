import type { Claim } from '../mapping/property-table.ts';

/** One message, as a broker handed it over. */
export interface BrokerDelivery {
  /** The body, to the byte. */
  readonly bytes: Uint8Array;
  /** What its fields and headers say, as the binding's table reads them: written by whoever sent it, and vouched for by nobody. */
  readonly claims: readonly Claim[];
  /** How often it has been handed over, this time included. */
  readonly attempt: number;
  /** Aborts when this process is to stop working on it; it is then neither done nor dead. */
  readonly signal: AbortSignal;
}
