import { holderOf } from '@fhir-messaging/core';
import type { Observed, OutboxStore } from '@fhir-messaging/core';
import { every } from './every.ts';
import type { OutboxView } from './outbox.ts';

const empty: OutboxView = Object.freeze({ entries: [], ofOthers: 0, unreadable: [] });

/** How long a view rests after it was read: a thousand messages are no thousand readings of all of them. */
const restMs = 100;

/** How often it is looked at all the same: what another process changes, not every store tells. */
const pollMs = 5_000;

/** What an account sees, read anew whenever the store says that something changed, and now and then, as long as somebody watches. */
export function watchView(store: Pick<OutboxStore, 'subscribe'>, read: () => Promise<OutboxView>): Observed<OutboxView> {
  let isWatched = false;
  let isReading = false;
  let isStale = false;
  const { getState, setState, subscribe } = holderOf(empty, () => {
    isWatched = true;
    const leaves = [store.subscribe(look), every(pollMs, () => void poll())];
    return () => {
      isWatched = false;
      leaves.forEach((leave) => leave());
    };
  });

  // What cannot be read now is read at the next change; what was read before stays.
  const readOrKeep = (): Promise<OutboxView> => read().catch(getState);
  const refresh = async (): Promise<void> => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale && isWatched) {
      isStale = false;
      setState(await readOrKeep());
      await new Promise((resolve) => void setTimeout(resolve, restMs));
    }
    isReading = false;
  };
  /** Looks whether something changed that nobody told of. */
  const poll = async (): Promise<void> => {
    if (!isReading && JSON.stringify(await readOrKeep()) !== JSON.stringify(getState())) await refresh();
  };
  const look = (): void => void refresh();
  return {
    getState,
    subscribe(tell) {
      const end = subscribe(tell);
      look();
      return end;
    },
  };
}
