import type { BundleGraph, Issue, Resource } from '@fhir-messaging/core';
import type { FaultKind } from '../faults/fault.ts';

/** One request to `$process-message`, whatever its outcome; a resend is another. */
export interface Arrival {
  /** Counted from 1. */
  readonly number: number;
  readonly at: Date;
  /** The `client_id` of the app; `undefined` where its token was not valid. */
  readonly sender: string | undefined;
  /** The code of the event, where there is one. */
  readonly event: string | undefined;
  /** The message's id as Netsmart reads it: its `Bundle.id`, and not that of its MessageHeader. */
  readonly messageId: string | undefined;
  /** The message's graph, where it could be read. */
  readonly graph: BundleGraph<Resource> | undefined;
  /** The findings of the rules, and those of the answer. */
  readonly issues: readonly Issue[];
  /** The status of the answer; `undefined` where the connection was broken off. */
  readonly status: number | undefined;
  /** The fault that struck the request. */
  readonly fault: FaultKind | undefined;
}
