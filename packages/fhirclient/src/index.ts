export type { AuthorizedFetchOptions } from './authorized-fetch.ts';
export { grantedScopes } from './granted-scopes.ts';
export { scopeCheck } from './scope-check.ts';
export type { ScopeCheckOptions } from './scope-check.ts';
export type { SmartClient } from './smart-client.ts';
export { smartReader } from './smart-reader.ts';
export type { SmartReaderOptions } from './smart-reader.ts';
export { smartTransport } from './smart-transport.ts';
export type { SmartTransportOptions } from './smart-transport.ts';
