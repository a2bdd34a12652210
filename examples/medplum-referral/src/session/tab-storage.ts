import { ClientStorage } from '@medplum/core';

const prefix = 'medplum:';

/**
 * Where the client keeps its session: in this tab alone. In `localStorage`, its default, two tabs launched for two patients would share one
 * session; and when it clears its storage, everything of the app's own would go with it.
 */
export class TabStorage extends ClientStorage {
  constructor() {
    super(sessionStorage, prefix);
  }

  override clear(): void {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(prefix)) sessionStorage.removeItem(key);
    }
  }
}
