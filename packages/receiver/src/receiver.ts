import type { EventContract, EventTable, Issue, MessageInput, ReadLimits, Resource } from '@fhir-messaging/core';
import type { CapabilityOptions, CapabilityStatementResource } from './capabilities/capability-statement.ts';
import type { ErrorsIn } from './receive/error-message.ts';
import type { Handler } from './receive/handler.ts';
import type { ProcessResult } from './receive/process-result.ts';

/** The `context` option, required where the receiver's handlers count on one. */
export type WithContext<TContext> = undefined extends TContext ? { readonly context?: TContext | undefined } : { readonly context: TContext };

/** The facts of a message beside its content. */
export type ProcessOptions<TContext> = WithContext<TContext> & {
  /** The authenticated sender: ids of one sender say nothing about another's. */
  readonly sender?: string | undefined;
  /** Aborts when nobody waits for the result any more; `process` then rejects with its reason, unless the handler still comes to its end. */
  readonly signal?: AbortSignal | undefined;
  /** How much is read. @defaultValue 50,000,000 bytes, and 100,000 entries */
  readonly limits?: ReadLimits | undefined;
  /** Whether the bytes are the receiver's from now on, and nobody else changes them: it then makes no copy. @defaultValue false */
  readonly ownsBytes?: boolean | undefined;
  /** Is told when a resend begins to wait for its first message, and when the wait is over: in between nothing is done for it. */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /**
   * Checks a message that could be read, before its ids or its handler are looked for; it must not change the Bundle. An error refuses the message,
   * with 400, and never in a reply message.
   */
  readonly check?: ((bundle: object) => readonly Issue[]) | undefined;
  /** Has the message accepted, and its reply posted later: to its source, or to `responseUrl`. It needs `replyTo`. @defaultValue false */
  readonly async?: boolean | undefined;
  readonly responseUrl?: string | undefined;
  /**
   * How errors are told: by the result's status, or, for a way without one, in a reply message: `transient-error` where the same message may be
   * sent again, else `fatal-error`; also to a message of which only ids, event and source can be read, unless `check` is given. @defaultValue 'status'
   */
  readonly errors?: ErrorsIn | undefined;
};

/** The options with which messages are taken up again. */
export type ResumeOptions<TContext> = undefined extends TContext
  ? { readonly context?: ((custody: { readonly sender: string | undefined }) => TContext) | undefined }
  : { readonly context: (custody: { readonly sender: string | undefined }) => TContext };

/** Options that can be left out, where all of them can. */
export type Optionally<TContext, TOptions> = undefined extends TContext ? readonly [options?: TOptions] : readonly [options: TOptions];

/** Event handlers with a reliable cache. */
export interface Receiver<TContext = undefined, TTransaction = undefined> {
  /**
   * Handles an event, and returns the same receiver.
   *
   * @throws {TypeError} when the event is handled already, or is none; without a handler.
   */
  on<TTable extends EventTable, TResource extends Resource>(
    event: EventContract<TTable, TResource>,
    handler: Handler<EventContract<TTable, TResource>, TContext, TTransaction>,
  ): Receiver<TContext, TTransaction>;
  /**
   * Processes one message, from its text, its bytes or its parsed value. Errors in the message are in the result.
   *
   * What a handler throws, and a commit that fails, is a 500 in the result too, of which `onError` is told. So is a cache that cannot look a message
   * up or claim it: a 503, and nothing was begun.
   *
   * @throws {MessagingError} `closed`; what the cache throws where it cannot accept a message, or give it up: `storage.unavailable` of
   * `@fhir-messaging/storage`.
   * @throws {TypeError} with `async`, before `resume` was called.
   * @throws what `check`, `replies`, `addressOf` or `replyTo.origins` threw; the signal's reason.
   */
  process(input: MessageInput, ...options: Optionally<TContext, ProcessOptions<TContext>>): Promise<ProcessResult>;
  /**
   * Finishes accepted messages that were left unfinished, here or in a process that is gone, from now on until the receiver is closed. Call it once,
   * when all events have handlers; without it no message is accepted.
   *
   * @returns a promise of the first round: every message that was left is then being finished, or done.
   * @throws {TypeError} without `replyTo`.
   * @throws {MessagingError} what the cache throws in the first round: `storage.unavailable` of `@fhir-messaging/storage` where the database is away. The
   * next round comes by itself all the same, and messages are accepted: a rejection need not end the process.
   */
  resume(...options: Optionally<TContext, ResumeOptions<TContext>>): Promise<void>;
  /** The receiver's statement for `[base]/metadata`: endpoints, events, `reliableCache` in minutes, and the operation. */
  capabilityStatement(options?: CapabilityOptions): CapabilityStatementResource;
  /**
   * Takes no further messages, and resolves when those that are being processed are done. Replies that are not taken yet stay stored; a reply that is
   * only posted again is given up.
   *
   * With `withinMs` it waits for that many milliseconds, and one second more at most. Then the handlers' `signal` aborts with `closed`; those that still
   * run have failed, of which `onError` is told: their transactions are undone, their claims given up, and they are left behind. Without it a handler
   * that never ends is waited for.
   *
   * @throws {TypeError} when `withinMs` is no finite number, or below 0.
   */
  close(options?: { readonly withinMs?: number | undefined }): Promise<void>;
}
