import type { BundleGraph, Issue, Resource } from '@fhir-messaging/core';
import type { FaultKind } from '../faults/fault.ts';

/** One request to `$process-message`, whatever became of it: a resend is another. */
export interface Arrival {
  /** Counted from 1. */
  readonly number: number;
  readonly at: Date;
  /** The `client_id` of the app; `undefined` where its token was none. */
  readonly sender: string | undefined;
  /** The code of the event, where there is one. */
  readonly event: string | undefined;
  /** The message's id, as Netsmart reads it. */
  readonly messageId: string | undefined;
  /** What was sent, where it could be read. */
  readonly graph: BundleGraph<Resource> | undefined;
  /** What the rules say of it, and what it was refused for. */
  readonly issues: readonly Issue[];
  /** The status of the answer; `undefined` where the connection was broken off. */
  readonly status: number | undefined;
  /** The fault that struck it. */
  readonly fault: FaultKind | undefined;
}
