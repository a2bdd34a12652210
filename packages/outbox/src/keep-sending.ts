import { tell } from '@fhir-messaging/core';
import { every } from './every.ts';
import type { Outbox } from './outbox.ts';
import { accountName } from './outbox-parts.ts';

/** What tells that sending may be worth a try; a browser's, by default. */
export interface KeepSendingOptions {
  /** What keeps it to one sender of an account in a storage partition, or in a process. @defaultValue `navigator.locks`, where there is one */
  readonly locks?: { request(name: string, run: () => Promise<void>): Promise<unknown> } | undefined;
  /** The lock's name. @defaultValue one for each account, which it says, so that a server that hangs holds up nobody else's messages */
  readonly lockName?: string | undefined;
  /** Where `online`, `focus`, `pageshow` and `visibilitychange` are told. @defaultValue the window and its document, where there are */
  readonly targets?: readonly EventTarget[] | undefined;
  /** How often it looks by itself, in milliseconds. @defaultValue 15_000 */
  readonly pollMs?: number | undefined;
  /** Is told what a run failed with, such as `storage.unavailable`; the next one is made all the same. What it throws is ignored. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Calls something again and again, and gives what ends that. @defaultValue a timer that keeps no process alive */
  readonly startInterval?: ((everyMs: number, run: () => void) => () => void) | undefined;
}

const events = ['online', 'focus', 'pageshow', 'visibilitychange'];

/**
 * Runs an outbox whenever something may be due: at once, after each enqueue, when the network or the page comes back, and by a timer.
 *
 * Of all tabs one sends for an account, by a Web Lock, and the others queue behind it; where the one that has the lock is frozen, its lease runs out, and
 * another one sends without the lock.
 *
 * @returns what ends it; the outbox stays open.
 * @example const stop = keepSending(outbox);
 */
export function keepSending(outbox: Outbox, options: KeepSendingOptions = {}): () => void {
  const page = [globalThis, ...('document' in globalThis ? [globalThis.document] : [])].filter((target) => target instanceof EventTarget);
  const { lockName = `fhir-messaging-outbox ${accountName(outbox.account)}`, targets = page, pollMs = 15_000, onError, startInterval = every } = options;
  const locks = options.locks ?? ('navigator' in globalThis ? globalThis.navigator.locks : undefined);
  let isQueued = false;
  let isMissed = false;
  let isRunning = false;
  let isStopped = false;
  let idlePolls = 0;

  const failed = (error: unknown): void => tell([onError], error);
  const run = async (): Promise<void> => {
    isMissed = false;
    if (isStopped) return;
    isRunning = true;
    await outbox.run().catch(failed);
    isRunning = false;
  };
  const wake = (): void => {
    if (isRunning || locks === undefined) {
      void run();
    } else if (isQueued) {
      // The lock is still held by somebody: by a run of this one's, it may be, which has looked for the last time.
      isMissed = true;
    } else {
      isQueued = true;
      let isGiven = false;
      const begin = (): Promise<void> => {
        isGiven = true;
        return run();
      };
      // Where the platform refuses locks, such as in a sandboxed frame, the leases alone have to do.
      const orWithout = (error: unknown): Promise<void> | undefined => {
        if (isGiven) return;
        failed(error);
        return run();
      };
      void locks.request(lockName, begin).catch(orWithout).then(leave, leave);
    }
  };
  const leave = (): void => {
    isQueued = false;
    idlePolls = 0;
    if (isMissed) wake();
  };
  const poll = async (): Promise<void> => {
    wake();
    if (isRunning || !isQueued) return;
    const { entries } = await outbox.list();
    const isIdle = entries.some(({ dueAtMs = Infinity, isLeased }) => dueAtMs <= Date.now() && !isLeased) && !entries.some(({ isLeased }) => isLeased);
    idlePolls = isIdle ? idlePolls + 1 : 0;
    // Once may be between two messages.
    if (idlePolls > 1) await run();
  };

  for (const target of targets) events.forEach((event) => target.addEventListener(event, wake));
  const stopTimer = startInterval(pollMs, () => void poll().catch(failed));
  const stopHearing = outbox.onDue(wake);
  wake();
  return () => {
    isStopped = true;
    stopTimer();
    stopHearing();
    for (const target of targets) events.forEach((event) => target.removeEventListener(event, wake));
  };
}
