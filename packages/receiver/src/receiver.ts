import type { EventContract, EventTable, Issue, MessageInput, ReadLimits, Resource } from '@fhir-messaging/core';
import type { CapabilityOptions, CapabilityStatementResource } from './capabilities/capability-statement.ts';
import type { ErrorsIn } from './receive/error-message.ts';
import type { Handler } from './receive/handler.ts';
import type { ProcessResult } from './receive/process-result.ts';

/** A context is asked for where the receiver's handlers count on one. */
export type WithContext<TContext> = undefined extends TContext ? { readonly context?: TContext | undefined } : { readonly context: TContext };

/** What is known of a message beside what is in it. */
export type ProcessOptions<TContext> = WithContext<TContext> & {
  /** Who sent it, as authenticated: ids of one sender say nothing about another's. */
  readonly sender?: string | undefined;
  /** Aborts when nobody waits for the result any more; `process` then rejects with its reason, unless the handler ends all the same. */
  readonly signal?: AbortSignal | undefined;
  readonly limits?: ReadLimits | undefined;
  /** That the bytes are the receiver's from now on, and nobody else changes them: it makes no copy of its own. @defaultValue false */
  readonly ownsBytes?: boolean | undefined;
  /** Is told when the message begins to wait for the first of it, and when that is over: in between nothing is done for it. */
  readonly onWait?: ((isWaiting: boolean) => void) | undefined;
  /**
   * What else is held against a message that could be read, before anybody looks for its ids or its handler; its Bundle is to be looked at, not to be changed. An error
   * refuses it, with 400, and never in a reply message.
   */
  readonly check?: ((bundle: object) => readonly Issue[]) | undefined;
  /** Has the message accepted, and its reply posted later: to its source, or to `responseUrl`. It needs `replyTo`. @defaultValue false */
  readonly async?: boolean | undefined;
  readonly responseUrl?: string | undefined;
  /**
   * Where errors are told: by the result's status, or, where the message travels without one, in a reply message that says `fatal-error`, or
   * `transient-error` where the same message may be sent again. @defaultValue 'status'
   */
  readonly errors?: ErrorsIn | undefined;
};

/** What messages are taken up again with. */
export type ResumeOptions<TContext> = undefined extends TContext
  ? { readonly context?: ((custody: { readonly sender: string | undefined }) => TContext) | undefined }
  : { readonly context: (custody: { readonly sender: string | undefined }) => TContext };

/** Options that can be left out, where all of them can. */
export type Optionally<TContext, TOptions> = undefined extends TContext ? readonly [options?: TOptions] : readonly [options: TOptions];

/** Event handlers with a reliable cache. */
export interface Receiver<TContext = undefined, TTransaction = undefined> {
  /**
   * Handles an event; gives the same receiver.
   *
   * @throws {TypeError} when the event is handled already.
   */
  on<TTable extends EventTable, TResource extends Resource>(
    event: EventContract<TTable, TResource>,
    handler: Handler<EventContract<TTable, TResource>, TContext, TTransaction>,
  ): Receiver<TContext, TTransaction>;
  /**
   * Processes one message, from its text, its bytes or its parsed value. What is wrong with it is in the result.
   *
   * @throws {MessagingError} `closed`.
   */
  process(input: MessageInput, ...options: Optionally<TContext, ProcessOptions<TContext>>): Promise<ProcessResult>;
  /**
   * Finishes what was accepted and not finished, here or in a process that is gone, from now on until the receiver is closed: called once,
   * when all events are handled. Without it no message is accepted.
   *
   * @returns a promise of the first round: what was left is then being finished, or done.
   * @throws {TypeError} without `replyTo`.
   */
  resume(...options: Optionally<TContext, ResumeOptions<TContext>>): Promise<void>;
  /** What this receiver tells of itself, for `[base]/metadata`: endpoints, events, `reliableCache` in minutes, and the operation. */
  capabilityStatement(options?: CapabilityOptions): CapabilityStatementResource;
  /**
   * Takes no further messages, and resolves when those that are being processed are done; replies that are not taken yet stay stored, and one that was
   * only to be posted again ends with it.
   */
  close(): Promise<void>;
}
