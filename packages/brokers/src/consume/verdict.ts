import type { Issue, Message } from '@fhir-messaging/core';
import type { MessageProperties } from '../mapping/message-properties.ts';

/** A reply to be published before its request is acknowledged. */
export interface OutgoingReply {
  /** An address of the allow list. */
  readonly target: string;
  /** To the byte as it was stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly properties: MessageProperties;
  readonly message: Message;
}

/**
 * What a broker's engine is to do with a delivery. It acknowledges nothing before that is done: before the reply, or the dead letter, is
 * confirmed.
 */
export type Verdict =
  /** The outcome is stored, by the receiver's cache: publish the reply, where there is one, and acknowledge. */
  | {
      readonly kind: 'done';
      readonly reply: OutgoingReply | undefined;
      readonly issues: readonly Issue[];
      /** Where the reply says that it failed, and cannot go out: the reason of its dead letter, as an OperationOutcome. */
      readonly outcome?: string | undefined;
    }
  /** It did not come to an outcome, and may the next time: hand it over again, not before `afterMs` where that is said. */
  | {
      readonly kind: 'again';
      readonly afterMs: number | undefined;
      readonly issues: readonly Issue[];
      /** Whether nothing was tried: the receiver was closed, and takes it in another process; or it is being processed elsewhere. */
      readonly isUncounted: boolean;
    }
  /** It never will, or not within its attempts: put it, as it came, where the dead letters are; `outcome` is the reason as an OperationOutcome. */
  | { readonly kind: 'dead'; readonly reply: OutgoingReply | undefined; readonly issues: readonly Issue[]; readonly outcome: string };
