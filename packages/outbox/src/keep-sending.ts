import { tell } from '@fhir-messaging/core';
import { every } from './every.ts';
import { lockQueue } from './lock-queue.ts';
import type { Outbox } from './outbox.ts';
import { accountName } from './outbox-parts.ts';

/** What tells `keepSending` that a run may be worth a try; the defaults are a browser's. */
export interface KeepSendingOptions {
  /** Locks by which one sender at a time works for an account in a storage partition, or in a process. @defaultValue `navigator.locks`, if any */
  readonly locks?: { request(name: string, run: () => Promise<void>): Promise<unknown> } | undefined;
  /** The lock's name. @defaultValue one that says the account, so that a server that hangs holds up no other account's messages */
  readonly lockName?: string | undefined;
  /** The targets of `online`, `focus`, `pageshow` and `visibilitychange`. @defaultValue the window and its document, if any */
  readonly targets?: readonly EventTarget[] | undefined;
  /** How often the outbox is run without any event, in milliseconds. @defaultValue 15_000 */
  readonly pollMs?: number | undefined;
  /**
   * Is told the error of a run or a lock, such as `storage.unavailable`; the next run is still made. What `onError` throws is ignored. How each send goes
   * is told to the messenger's `observe`, with its message's id; core's `plainId` of it is the entry's.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Calls a function at an interval, and returns one that stops it. @defaultValue a timer that keeps no process alive */
  readonly startInterval?: ((everyMs: number, run: () => void) => () => void) | undefined;
}

const events = ['online', 'focus', 'pageshow', 'visibilitychange'];

/**
 * Runs an outbox whenever something may be due: at once, after each enqueue, when the network or the page comes back, and by a timer.
 *
 * One tab sends for an account, by a Web Lock, and the others queue behind it. When the tab that has the lock is frozen, its lease runs out, and
 * another tab sends without the lock.
 *
 * @returns a function that stops it; the outbox stays open.
 * @example const stop = keepSending(outbox);
 */
export function keepSending(outbox: Outbox, options: KeepSendingOptions = {}): () => void {
  const page = [globalThis, ...('document' in globalThis ? [globalThis.document] : [])].filter((target) => target instanceof EventTarget);
  const { lockName = `fhir-messaging-outbox ${accountName(outbox.account)}`, targets = page, pollMs = 15_000, onError, startInterval = every } = options;
  const locks = options.locks ?? ('navigator' in globalThis ? globalThis.navigator.locks : undefined);
  let isRunning = false;
  let isStopped = false;
  let idlePolls = 0;

  const failed = (error: unknown): void => tell([onError], error);
  const run = async (): Promise<void> => {
    if (isStopped) return;
    isRunning = true;
    await outbox.run().catch(failed);
    isRunning = false;
  };
  const left = (isMissed: boolean): void => {
    idlePolls = 0;
    if (isMissed) wake();
  };
  const runInTurn = locks && lockQueue((begin) => locks.request(lockName, begin), run, failed, left);
  const wake = (): void => void (isRunning || !runInTurn ? run() : runInTurn());
  const poll = async (): Promise<void> => {
    wake();
    if (isRunning) return;
    const { entries } = await outbox.list();
    const isIdle = entries.some(({ dueAtMs = Infinity, isLeased }) => dueAtMs <= Date.now() && !isLeased) && !entries.some(({ isLeased }) => isLeased);
    idlePolls = isIdle ? idlePolls + 1 : 0;
    // One idle poll may fall between two messages.
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
