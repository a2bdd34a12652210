import { useSyncExternalStore } from 'react';
import type { ReactElement } from 'react';

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Whether the browser has a network. Without one it may still reach this machine, so nothing is forbidden by it. */
function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Says that there is no network. The region is always there, so that a screen reader hears of the change. */
export function OfflineNotice(): ReactElement {
  const isOnline = useOnline();
  return (
    <div role="status">
      {!isOnline && <p className="notice">You are offline. What you do stays on this screen; sending has to wait until the network is back.</p>}
    </div>
  );
}
