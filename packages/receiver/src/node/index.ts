export { publicFetch } from './public-fetch.ts';
export type { PublicFetchOptions } from './public-fetch.ts';
export type { ResolvedAddress, ResolveName } from './checked-lookup.ts';
