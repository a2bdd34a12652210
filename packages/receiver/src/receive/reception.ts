import type { IdentityStrategy, Issue, ReadLimits, ReliableCache } from '@fhir-messaging/core';
import type { CustodyKeeping } from '../custody/custody-keeping.ts';
import type { AboutMessage } from './about-message.ts';
import type { AddressOf, Replies } from './take-reply.ts';
import type { ErrorsIn } from './error-message.ts';
import type { Route } from './handler.ts';
import type { InFlightOptions } from './in-flight-options.ts';
import type { ProcessResult } from './process-result.ts';
import type { Wait } from './wait.ts';
import type { ReplyWriting } from './write-outcome.ts';

/** Where content that breaks its event's contract is reported. */
export type ContentErrors = 'http' | 'message';

/** A receiver's parts, as each step of a message's way in uses them. */
export interface Reception {
  readonly routes: readonly Route[];
  readonly cache: ReliableCache<unknown>;
  readonly identity: IdentityStrategy | undefined;
  readonly contentErrors: ContentErrors;
  readonly writing: ReplyWriting;
  readonly onError: ((error: unknown, about?: AboutMessage) => void) | undefined;
  readonly newId: () => string;
  /** The messenger that takes responses. */
  readonly replies: Replies | undefined;
  readonly addressOf: AddressOf;
  /** The messages that are accepted and answered later; `undefined` where none is accepted. */
  readonly keeping: CustodyKeeping | undefined;
  readonly inFlight: InFlightOptions;
  readonly wait: Wait;
  /** Aborts when no further messages are taken. */
  readonly closing: AbortSignal;
  /** Aborts, with `closed`, when running handlers are not waited for any longer. */
  readonly ending: AbortSignal;
  /** The work of this process by the token of its claim; it gives `undefined` where the message was given up, or went to another process. */
  readonly running: Map<string, Promise<ProcessResult | undefined>>;
}

/** One message's circumstances. */
export interface Circumstances {
  readonly sender: string | undefined;
  readonly signal: AbortSignal;
  readonly context: unknown;
  readonly limits: ReadLimits | undefined;
  /** Whether nobody else changes the message's bytes. */
  readonly ownsBytes?: boolean | undefined;
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  readonly errors?: ErrorsIn | undefined;
  readonly check?: ((bundle: object) => readonly Issue[]) | undefined;
  /** Given where the reply is to be posted: to `responseUrl`, else to the message's source. */
  readonly async?: { readonly responseUrl: string | undefined } | undefined;
  /** Whether the message was accepted already: nobody waits on a connection. */
  readonly isInCustody?: boolean | undefined;
}
