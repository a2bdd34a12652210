import { holderOf } from '@fhir-messaging/core';
import type { Observed, OutboxStore } from '@fhir-messaging/core';
import { every } from './every.ts';
import type { OutboxView } from './outbox.ts';

const empty: OutboxView = Object.freeze({ entries: [], ofOthers: 0, unreadable: [] });

/** The pause after a reading: a thousand changes are not a thousand readings of all messages. */
const restMs = 100;

/** How often the view is read without a change: not every store tells what another process changed. */
const pollMs = 5_000;

/** An account's view, read anew whenever the store says that something changed, and now and then, as long as somebody watches. */
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

  // The next change reads the view again; until then the one that was read before stays.
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
  /** Looks for changes that nobody told of. */
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
