import { readOriginEntry } from './origin-entry.ts';

/**
 * Whether an address is on a list of origins: http or https, without a user's name, of just that scheme, host and port. An entry that is not exactly
 * an origin allows nothing.
 *
 * @param checksAddresses - whether the connection will check where a name leads, which `https://*.` needs.
 */
export function allowsAddress(address: string, origins: readonly string[], checksAddresses: boolean): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { protocol, username, password, origin } = new URL(address);
  const isPlain = (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
  return isPlain && origins.map(readOriginEntry).some((allowed) => allowed && (allowed.isBelow ? checksAddresses && isBelow(origin, allowed.origin) : origin === allowed.origin));
}

function isBelow(origin: string, above: string): boolean {
  const domain = above.slice('https://'.length);
  return origin.startsWith('https://') && origin.endsWith(`.${domain}`);
}
