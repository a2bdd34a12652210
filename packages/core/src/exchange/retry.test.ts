import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MessagingError } from '../errors.ts';
import type { Delivery, ErrorCode } from '../errors.ts';
import type { MessageCategory } from '../fhir/codes.ts';
import type { Reply } from './reply.ts';
import { mayTryAgain, retryDelayMs } from './retry.ts';
import type { RetryOptions, RetryState } from './retry.ts';

const facts = { issues: [], http: undefined, attempts: 1 };
const accepted: Reply = { ...facts, kind: 'accepted', duplicate: false, owesReply: false };
const processed: Reply = { ...facts, kind: 'processed' };
const refused: Reply = { ...facts, kind: 'refused', mayHaveArrived: false };

function failed(code: ErrorCode, status?: number, delivery: Delivery = 'no'): MessagingError {
  return new MessagingError(code, 'failed', { status, delivery });
}

function stateOf(changes: Partial<RetryState> = {}): RetryState {
  return { attempt: 1, category: 'consequence', options: {}, reliableCacheMinutes: undefined, mayHaveArrived: false, elapsedMs: 0, ...changes };
}

describe('mayTryAgain', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 507])('tries again after %s', (status) => {
    expect(mayTryAgain(failed('transport.status', status), stateOf())).toBe(true);
  });

  it.each([301, 302, 304, 307, 308, 501, 505, 511])('never tries %s again unaltered', (status) => {
    expect(mayTryAgain(failed('transport.status', status), stateOf())).toBe(false);
  });

  it.each<ErrorCode>(['transport.failed', 'transport.timeout'])('tries again after %s', (code) => {
    expect(mayTryAgain(failed(code), stateOf())).toBe(true);
  });

  it.each<ErrorCode>(['transport.unsupported', 'reply.invalid', 'reply.mismatch', 'message.invalid', 'closed'])('never tries again after %s', (code) => {
    expect(mayTryAgain(failed(code), stateOf())).toBe(false);
  });

  it.each([accepted, processed, refused])('takes $kind as the last word', (reply) => {
    expect(mayTryAgain(reply, stateOf())).toBe(false);
  });

  it('makes as many attempts as asked for, the first included: four where nothing is said', () => {
    const tries = (attempt: number, options: RetryOptions = {}): boolean => mayTryAgain(failed('transport.failed'), stateOf({ attempt, options }));

    expect([3, 4].map((attempt) => tries(attempt))).toEqual([true, false]);
    expect([1, 2].map((attempt) => tries(attempt, { maxAttempts: 2 }))).toEqual([true, false]);
    expect(tries(1, { maxAttempts: 1 })).toBe(false);
  });

  it('takes no longer in all than asked for: five minutes where nothing is said', () => {
    const at = (elapsedMs: number, options: RetryOptions = {}): boolean => mayTryAgain(failed('transport.failed'), stateOf({ elapsedMs, options }));

    expect([299_999, 300_000].map((elapsedMs) => at(elapsedMs))).toEqual([true, false]);
    expect([99, 100].map((elapsedMs) => at(elapsedMs, { maxTotalMs: 100 }))).toEqual([true, false]);
  });

  it.each<[string, RetryOptions]>([
    ['maxAttempts', { maxAttempts: Number('none') }],
    ['maxTotalMs', { maxTotalMs: Number('none') }],
  ])('takes %s that is no number, as of a setting that is missing, for no leave to go on', (_, options) => {
    expect(mayTryAgain(failed('transport.failed'), stateOf({ options }))).toBe(false);
  });

  describe('when an attempt may have arrived', () => {
    const lost = failed('transport.timeout', undefined, 'unknown');
    const lostState = (changes: Partial<RetryState>): RetryState => stateOf({ mayHaveArrived: true, ...changes });

    it.each<MessageCategory>(['currency', 'notification'])('a %s is sent again: processing it twice does no harm', (category) => {
      expect(mayTryAgain(lost, lostState({ category }))).toBe(true);
    });

    it('a consequence is not, where nothing is known of the peer', () => {
      expect(mayTryAgain(lost, lostState({}))).toBe(false);
    });

    it('a consequence is, while the next attempt falls within the time that the peer recognises it', () => {
      const at = (elapsedMs: number): boolean => mayTryAgain(lost, lostState({ reliableCacheMinutes: 2, elapsedMs }));

      expect([0, 119_999, 120_000].map(at)).toEqual([true, true, false]);
    });

    it('the same holds where this attempt surely did not arrive but an earlier one may have', () => {
      const at = (elapsedMs: number): boolean => mayTryAgain(failed('transport.status', 503), lostState({ reliableCacheMinutes: 2, elapsedMs }));

      expect([0, 120_000].map(at)).toEqual([true, false]);
    });

    it.each([
      ['always', undefined, true],
      ['never', 10, false],
      ['within-cache', 10, true],
      ['within-cache', undefined, false],
    ] as const)('whenDeliveryUnknown %s, with a peer that remembers %s minutes: %s', (whenDeliveryUnknown, reliableCacheMinutes, expected) => {
      expect(mayTryAgain(lost, lostState({ options: { whenDeliveryUnknown }, reliableCacheMinutes }))).toBe(expected);
    });
  });
});

describe('retryDelayMs', () => {
  const headers = (entries: Record<string, string>): Headers => new Headers(entries);

  it('draws the wait below a limit that doubles: full jitter', () => {
    const waits = [1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, undefined, {}, () => 0.5));

    expect(waits).toEqual([250, 500, 1000, 2000]);
    expect(retryDelayMs(3, undefined, {}, () => 0)).toBe(0);
  });

  it('takes its own limits: the first wait, and the longest', () => {
    expect(retryDelayMs(1, undefined, { initialDelayMs: 80 }, () => 0.5)).toBe(40);
    expect(retryDelayMs(20, undefined, { maxDelayMs: 3000 }, () => 0.5)).toBe(1500);
  });

  it('honours Retry-After in seconds, drawn from nothing', () => {
    expect(retryDelayMs(1, headers({ 'retry-after': '7' }), {}, () => 0.5)).toBe(7000);
    expect(retryDelayMs(1, headers({ 'retry-after': '0' }), {}, () => 0.5)).toBe(0);
  });

  it("holds a Retry-After date against the answer's own Date, not against this clock", () => {
    const late = headers({ 'retry-after': 'Wed, 21 Oct 2015 07:28:05 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' });
    const past = headers({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT', date: 'Wed, 21 Oct 2015 07:28:05 GMT' });

    expect(retryDelayMs(1, late, {}, () => 0.5)).toBe(5000);
    expect(retryDelayMs(1, past, {}, () => 0.5)).toBe(0);
  });

  it.each(['soon', '-1', '1.5', '', 'Wed, 99 Oct 2015 07:28:05 GMT'])('draws as ever from a Retry-After that says nothing: %j', (value) => {
    expect(retryDelayMs(1, headers({ 'retry-after': value, date: 'Wed, 21 Oct 2015 07:28:00 GMT' }), {}, () => 0.5)).toBe(250);
  });

  it('holds a Retry-After date without a Date against this clock', () => {
    vi.useFakeTimers({ now: Date.parse('Wed, 21 Oct 2015 07:28:00 GMT') });
    onTestFinished(() => void vi.useRealTimers());

    expect(retryDelayMs(1, headers({ 'retry-after': 'Wed, 21 Oct 2015 07:28:05 GMT' }), {}, () => 0.5)).toBe(5000);
  });

  it.each(['Wed, 21 Oct 2015 07:28:00 GMT', 'Wed, 21 Oct 2015 07:27:00 GMT'])('draws as ever from a Retry-After date without a Date that is over on this clock, which may be ahead: %s', (date) => {
    vi.useFakeTimers({ now: Date.parse('Wed, 21 Oct 2015 07:28:00 GMT') });
    onTestFinished(() => void vi.useRealTimers());

    expect(retryDelayMs(1, headers({ 'retry-after': date }), {}, () => 0.5)).toBe(250);
  });

  it('waits no longer than its limit for a Retry-After either', () => {
    expect(retryDelayMs(1, headers({ 'retry-after': '3600' }), {}, () => 0.5)).toBe(30_000);
    expect(retryDelayMs(1, headers({ 'retry-after': '3600' }), { maxDelayMs: 100 }, () => 0.5)).toBe(100);
  });
});
