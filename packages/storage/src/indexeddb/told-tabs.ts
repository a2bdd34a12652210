import { listeners } from '../listeners.ts';

/** The listeners to changes, here and in other tabs. */
export interface ToldTabs {
  readonly tell: () => void;
  readonly subscribe: (listener: () => void) => () => void;
  readonly close: () => void;
}

/** Tells all tabs of a storage partition, by a BroadcastChannel where there is one. */
export function toldTabs(name: string): ToldTabs {
  const here = listeners();
  let channel: BroadcastChannel | undefined;
  let isClosed = false;
  const open = (): BroadcastChannel | undefined => {
    if (channel === undefined && !isClosed && 'BroadcastChannel' in globalThis) {
      channel = new BroadcastChannel(name);
      channel.addEventListener('message', here.tell);
    }
    return channel;
  };
  return {
    tell() {
      here.tell();
      open()?.postMessage('changed');
    },
    subscribe(listener) {
      open();
      return here.subscribe(listener);
    },
    close() {
      isClosed = true;
      channel?.close();
      channel = undefined;
    },
  };
}
