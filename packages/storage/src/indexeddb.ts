export { indexedDbOutboxStore } from './indexeddb/indexeddb-outbox-store.ts';
export type { IndexedDbOptions, IndexedDbOutboxStore } from './indexeddb/indexeddb-outbox-store.ts';
export { indexedDbPendingStore } from './indexeddb/indexeddb-pending-store.ts';
export type { IndexedDbPendingOptions, IndexedDbPendingStore } from './indexeddb/indexeddb-pending-store.ts';
