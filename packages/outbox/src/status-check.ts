import { untilAborted } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import type { OutboxEntry, OutboxOptions } from './outbox.ts';

type Confirm = NonNullable<OutboxOptions['confirm']>;

/** Asks the application what became of a message; `undefined` where it does not answer. Does not reject. */
export type StatusCheck = (message: Message, entry: OutboxEntry, working: AbortSignal) => Promise<Awaited<ReturnType<Confirm>> | undefined>;

/** How long the application may take to answer. */
const patienceMs = 60_000;

/** Waits in vain that add up to less hold up nobody. */
const briefMs = 1_000;

/** After longer ones nothing is asked for so many times as long: such questions take a fifth of the time at most from what is to be sent. */
const restsPerWait = 4;

/** The `confirm` of an outbox, with a limit; after questions that waited in vain, none is asked for a while. */
export function statusCheck(confirm: Confirm, now: () => number): StatusCheck {
  let restUntilMs = -Infinity;
  let waitedMs = 0;
  return async (message, entry, working) => {
    const askedAtMs = now();
    // A clock that was set back would make the rest longer than any is.
    if (restUntilMs > askedAtMs && restUntilMs - askedAtMs <= restsPerWait * patienceMs) return undefined;
    try {
      return await untilAborted(confirm(message, entry), AbortSignal.any([working, AbortSignal.timeout(patienceMs)]));
    } catch {
      // A process that was frozen meanwhile did not wait for that long, and one whose clock was set back not for less than nothing.
      waitedMs = Math.min(waitedMs + Math.max(now() - askedAtMs, 0), patienceMs);
      if (waitedMs >= briefMs) {
        restUntilMs = Math.max(restUntilMs, now() + restsPerWait * waitedMs);
        waitedMs = 0;
      }
      return undefined;
    }
  };
}
