import type { IdentityStrategy, ReadLimits, ReliableCache } from '@fhir-messaging/core';
import type { Route } from './handler.ts';
import type { InFlightOptions } from './patience.ts';
import type { ProcessResult } from './process-result.ts';
import type { Wait } from './wait.ts';
import type { ReplyWriting } from './write-outcome.ts';

/** Where content that breaks its event's contract is reported. */
export type ContentErrors = 'http' | 'message';

/** What a receiver is, to each step of a message's way in. */
export interface Reception {
  readonly routes: readonly Route[];
  readonly cache: ReliableCache<unknown>;
  readonly identity: IdentityStrategy | undefined;
  readonly contentErrors: ContentErrors;
  readonly writing: ReplyWriting;
  readonly onError: ((error: unknown) => void) | undefined;
  readonly newId: () => string;
  readonly inFlight: InFlightOptions;
  readonly wait: Wait;
  /** Aborts when no further messages are taken. */
  readonly closing: AbortSignal;
  /** What is being processed in this process, by the token of its claim; `undefined` comes of it where it was given up, or went to another. */
  readonly running: Map<string, Promise<ProcessResult | undefined>>;
}

/** One message's circumstances. */
export interface Circumstances {
  readonly sender: string | undefined;
  readonly signal: AbortSignal;
  readonly context: unknown;
  readonly limits: ReadLimits | undefined;
}
