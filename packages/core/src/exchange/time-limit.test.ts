import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withTimeLimit } from './time-limit.ts';
import { sleep } from './timer.ts';
import { untilAborted } from './until-aborted.ts';

const forever = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('withTimeLimit', () => {
  it('gives what the work gives, and leaves no timer behind', async () => {
    await expect(withTimeLimit(1000, undefined, () => Promise.resolve('done'))).resolves.toBe('done');

    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with transport.timeout, delivery unknown, when the time is up, even where the work ignores its signal', async () => {
    const limited = withTimeLimit(1000, undefined, forever);
    const rejected = expect(limited).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'unknown', message: 'No answer within 1000 ms.' });
    await vi.advanceTimersByTimeAsync(1000);

    await rejected;
  });

  it('aborts the work then', async () => {
    let seen: AbortSignal | undefined;
    const limited = withTimeLimit(1000, undefined, (signal) => {
      seen = signal;
      return forever();
    }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(999);
    expect(seen?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);

    await limited;
    expect(seen?.aborted).toBe(true);
  });

  it("rejects with the caller's own reason, whatever the work does with its signal", async () => {
    const controller = new AbortController();
    const limited = withTimeLimit(1000, controller.signal, forever);
    const reason = { why: 'the user left' };
    controller.abort(reason);

    await expect(limited).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes on what the work throws', async () => {
    const fault = new Error('fault');

    await expect(withTimeLimit(1000, undefined, () => Promise.reject(fault))).rejects.toBe(fault);
  });

  it.each([Number.POSITIVE_INFINITY, 2 ** 40])('takes %s ms as long, not as no time at all', async (timeoutMs) => {
    const limited = withTimeLimit(timeoutMs, undefined, async () => {
      await vi.advanceTimersByTimeAsync(60_000);
      return 'done';
    });

    await expect(limited).resolves.toBe('done');
  });
});

describe('untilAborted', () => {
  it('rejects at once where the signal has aborted before', async () => {
    await expect(untilAborted(forever(), AbortSignal.abort('gone'))).rejects.toBe('gone');
  });
});

describe('sleep', () => {
  it('waits', async () => {
    let awake = false;
    const waiting = sleep(500).then(() => (awake = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);

    await waiting;
    expect(awake).toBe(true);
  });

  it.each([Number.POSITIVE_INFINITY, 2 ** 40])('takes %s ms as long, not as no time at all', async (delayMs) => {
    const awake = vi.fn();
    void sleep(delayMs).then(awake);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(awake).not.toHaveBeenCalled();
  });

  it("rejects with the signal's own reason, and leaves no timer behind", async () => {
    const controller = new AbortController();
    const waiting = sleep(500, controller.signal);
    controller.abort('gone');

    await expect(waiting).rejects.toBe('gone');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin where the signal has aborted', async () => {
    await expect(sleep(500, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(vi.getTimerCount()).toBe(0);
  });
});
