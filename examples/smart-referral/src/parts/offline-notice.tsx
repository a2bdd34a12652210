import type { OutboxDurability } from '@fhir-messaging/core';
import type { ReactElement } from 'react';
import { whereKept } from '../words/where-kept.ts';
import { useOnline } from './use-online.ts';

/** Says that there is no network, and what becomes of what is sent. The region is always there, so that a screen reader hears of the change. */
export function OfflineNotice({ durability }: { readonly durability: OutboxDurability }): ReactElement {
  const isOnline = useOnline();
  return (
    <div role="status">
      {!isOnline && <p className="notice">You are offline. What you send is kept {whereKept(durability)}, and goes out when the connection is back.</p>}
    </div>
  );
}
