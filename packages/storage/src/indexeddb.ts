export { indexedDbOutboxStore } from './indexeddb/indexeddb-outbox-store.ts';
export type { IndexedDbOptions, IndexedDbOutboxStore } from './indexeddb/indexeddb-outbox-store.ts';
