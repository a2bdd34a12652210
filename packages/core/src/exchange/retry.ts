import type { MessageCategory } from '../fhir/codes.ts';
import type { MessagingError } from '../errors.ts';
import type { Reply } from './reply.ts';

/** How often, and how patiently, a message is sent again. */
export interface RetryOptions {
  /** Attempts in total, the first included; at least 1. @defaultValue 4 */
  readonly maxAttempts?: number | undefined;
  /** The longest wait before the second attempt, in milliseconds; it doubles with each attempt, and the wait is drawn below it. @defaultValue 500 */
  readonly initialDelayMs?: number | undefined;
  /** The longest wait before any attempt, in milliseconds, a server's `Retry-After` included. @defaultValue 30_000 */
  readonly maxDelayMs?: number | undefined;
  /**
   * The longest time from the first attempt to the end of the last one, in milliseconds: an attempt is cut to fit; where the wait would not fit, none
   * follows. @defaultValue 300_000, and never less than one attempt may take
   */
  readonly maxTotalMs?: number | undefined;
  /**
   * Whether a `consequence` message that may have arrived is sent again by itself: only while the peer is known to recognise it
   * (`within-cache`), in any case, or not at all. @defaultValue 'within-cache'
   */
  readonly whenDeliveryUnknown?: 'within-cache' | 'always' | 'never' | undefined;
}

/** What is known of the other side. */
export interface Peer {
  /** How long it recognises a message that comes again, in minutes, as its CapabilityStatement says (`messaging.reliableCache`). */
  readonly reliableCacheMinutes?: number | undefined;
}

/** The facts that decide about another attempt. */
export interface RetryState {
  /** The attempt that is over, counted from 1. */
  readonly attempt: number;
  readonly category: MessageCategory;
  readonly options: RetryOptions;
  readonly reliableCacheMinutes: number | undefined;
  /** Whether any attempt so far may have arrived without an answer. */
  readonly mayHaveArrived: boolean;
  /** From the first attempt to the next one, its wait included. */
  readonly elapsedMs: number;
}

/**
 * Whether a message may be sent again after this outcome.
 *
 * A message that surely did not arrive always may. One that may have arrived, in this attempt or an earlier one, may when a second processing
 * does no harm, or when the peer is known to still recognise the message by then; the messenger keeps that rule, the peer's cache keeps the
 * promise.
 */
export function mayTryAgain(outcome: Reply | MessagingError, state: RetryState): boolean {
  const { attempt, category, options, elapsedMs } = state;
  const { maxAttempts = 4 } = options;
  // Written so that a limit of NaN ends the retries. A negative time means that the clock was set back, by however much.
  const isWithin = attempt < maxAttempts && Math.abs(elapsedMs) < longestMs(state);
  // The same bytes would get the same reply for ever, and others could be processed twice.
  const isPinned = category === 'consequence' && 'kind' in outcome && outcome.kind === 'transient-error' && outcome.pinned;
  return isWithin && isPassing(outcome) && !isPinned;
}

/** How long after the first attempt another one may still leave, in milliseconds. */
export function longestMs({ category, options, reliableCacheMinutes = 0, mayHaveArrived }: Omit<RetryState, 'attempt' | 'elapsedMs'>): number {
  const { maxTotalMs = 300_000, whenDeliveryUnknown: when = 'within-cache' } = options;
  if (category !== 'consequence' || !mayHaveArrived || when === 'always') {
    return maxTotalMs;
  }
  return when === 'never' ? 0 : Math.min(maxTotalMs, reliableCacheMinutes * 60_000);
}

const passingStatuses: ReadonlySet<number | undefined> = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

/** Whether another attempt may end otherwise; no other error or reply is worth one. */
function isPassing(outcome: Reply | MessagingError): boolean {
  if ('kind' in outcome) {
    return outcome.kind === 'transient-error';
  }
  const { code, status } = outcome;
  return code === 'transport.failed' || code === 'transport.timeout' || (code === 'transport.status' && passingStatuses.has(status));
}

/**
 * How long to wait before the next attempt, in milliseconds: what the server asks for, else drawn below a limit that doubles (full jitter).
 *
 * @param attempt - the one that is over, counted from 1.
 */
export function retryDelayMs(attempt: number, headers: Headers | undefined, options: RetryOptions, random: () => number): number {
  const { initialDelayMs = 500, maxDelayMs = 30_000 } = options;
  const asked = retryAfterMs(headers);
  return Math.min(maxDelayMs, asked ?? random() * Math.min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1)));
}

/**
 * `Retry-After` in milliseconds: seconds, or a date held against the answer's own `Date`. Without that it is held against this clock; one that is past
 * then says nothing, since the clock may be ahead.
 */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const value = headers?.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) {
    return Number(value) * 1000;
  }
  const sentAt = Date.parse(headers?.get('date') ?? '');
  const difference = Date.parse(value) - (sentAt || Date.now());
  return value.endsWith('GMT') && (difference > 0 || sentAt) && !Number.isNaN(difference) ? Math.max(0, difference) : undefined;
}
