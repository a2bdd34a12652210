export { aesGcm } from './aes-gcm.ts';
export type { AesGcmOptions, AesKey } from './aes-gcm.ts';
export { createOutbox } from './create-outbox.ts';
export { keepSending } from './keep-sending.ts';
export type { KeepSendingOptions } from './keep-sending.ts';
export { memoryOutboxStore } from './memory-outbox-store.ts';
export { queuedMessenger } from './queued-messenger.ts';
export type { QueuedMessenger } from './queued-messenger.ts';
export type { Account, EnqueueOptions, FollowUp, Outbox, OutboxEntry, OutboxMessages, OutboxOptions, OutboxView } from './outbox.ts';
