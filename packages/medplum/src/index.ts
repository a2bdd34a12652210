export { medplumTransport } from './medplum-transport.ts';
export type { MedplumTransportOptions } from './medplum-transport.ts';
export { medplumReader } from './medplum-reader.ts';
export type { MedplumClientLike } from './medplum-client.ts';
export { medplumBot } from './medplum-bot.ts';
export type { ClientOf, MedplumBot } from './medplum-bot.ts';
export type { MedplumBotContext, MedplumBotEvent } from './bot-event.ts';
export { forMedplum } from './for-medplum.ts';
