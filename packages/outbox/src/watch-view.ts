import type { Observed, OutboxStore } from '@fhir-messaging/core';
import { listeners } from './listeners.ts';
import type { OutboxView } from './outbox.ts';

const empty: OutboxView = Object.freeze({ entries: [], ofOthers: 0, unreadable: [] });

/** How long a view rests after it was read: a thousand messages are no thousand readings of all of them. */
const restMs = 100;

/** What an account sees, read anew whenever the store says that something changed, as long as somebody watches. */
export function watchView(store: Pick<OutboxStore, 'subscribe'>, read: () => Promise<OutboxView>): Observed<OutboxView> {
  const watching = listeners();
  let current = empty;
  let leave = (): void => undefined;
  let isReading = false;
  let isStale = false;

  const refresh = async (): Promise<void> => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale && watching.size() > 0) {
      isStale = false;
      // What cannot be read now is read at the next change; what was read before stays.
      current = await read().catch(() => current);
      watching.tell();
      await new Promise((resolve) => void setTimeout(resolve, restMs));
    }
    isReading = false;
  };
  return {
    getState: () => current,
    subscribe(tell) {
      const stop = watching.add(tell);
      if (watching.size() === 1) leave = store.subscribe(() => void refresh());
      void refresh();
      return () => {
        stop();
        if (watching.size() === 0) leave();
      };
    },
  };
}
