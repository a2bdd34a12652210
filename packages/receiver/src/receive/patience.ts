import { onAbort } from '@fhir-messaging/core';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';

/** A resend's wait for its first message, which holds neither a connection of the database nor a handler. */
export interface Patience {
  isOver(): boolean;
  /**
   * Waits for the first message, where this process works on it; else for `pollMs`, before the cache is asked again.
   *
   * @returns the first message's result; `undefined` where there is none, or not yet.
   */
  waitFor(first: Promise<ProcessResult | undefined> | undefined): Promise<ProcessResult | undefined>;
  end(): void;
}

/** Patience for one message, whose time begins when it first waits. */
export function patienceOf({ inFlight, wait, closing }: Reception, { signal, onWait }: Circumstances): Patience {
  const { waitMs = 20_000, pollMs = 250 } = inFlight;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  let isOver = false;
  let timeUp: Promise<undefined> | undefined;

  const startTime = async (): Promise<undefined> => {
    signal.addEventListener('abort', end);
    await wait(waitMs, ended.signal);
    isOver = true;
  };
  const poll = async (stopped: AbortController): Promise<undefined> => {
    const leave = onAbort(closing, () => stopped.abort());
    await wait(pollMs, stopped.signal);
    leave();
    isOver ||= closing.aborted;
  };
  return {
    isOver: () => isOver,
    async waitFor(first) {
      timeUp ??= startTime();
      const stopped = new AbortController();
      onWait?.(true);
      try {
        return await Promise.race([timeUp, first === undefined ? poll(stopped) : first.catch(() => undefined)]);
      } finally {
        onWait?.(false);
        stopped.abort();
      }
    },
    end() {
      if (timeUp === undefined) {
        return;
      }
      end();
      signal.removeEventListener('abort', end);
    },
  };
}
