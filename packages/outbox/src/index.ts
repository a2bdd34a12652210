export { memoryOutboxStore } from './memory-outbox-store.ts';
