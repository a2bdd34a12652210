import type { Issue } from '@fhir-messaging/core';
import type { AboutMessage } from '@fhir-messaging/receiver';
import type { OutgoingReply } from './outgoing-reply.ts';

/**
 * What a broker's engine is to do with a delivery. It acknowledges the delivery only when that is done: when the reply, or the dead letter, is
 * confirmed.
 */
export type Verdict = { /** Which message it is, where that could be read. */ readonly about?: AboutMessage | undefined } & (
  /** The outcome is stored, by the receiver's cache: publish the reply, where there is one, and acknowledge. */
  | {
      readonly kind: 'done';
      readonly reply: OutgoingReply | undefined;
      readonly issues: readonly Issue[];
      /** For a reply that says `fatal-error`, where it cannot go out: the reason of the dead letter, as an OperationOutcome. */
      readonly outcome?: string | undefined;
    }
  /** The message came to no outcome, and may the next time: hand it over again, not before `afterMs` where that is given. */
  | {
      readonly kind: 'again';
      /** For a message that cannot be handed over again: what its sender is told. */
      readonly reply?: OutgoingReply | undefined;
      readonly afterMs: number | undefined;
      readonly issues: readonly Issue[];
      /** Whether nothing was tried: the receiver was closed, and another process takes the message; or it is being processed elsewhere. */
      readonly isUncounted: boolean;
    }
  /** The message never comes to an outcome, or not within its attempts: put it, as it came, where the dead letters are; `outcome` is the reason. */
  | { readonly kind: 'dead'; readonly reply: OutgoingReply | undefined; readonly issues: readonly Issue[]; readonly outcome: string }
);
