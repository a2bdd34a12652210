/**
 * Whether an address is on a list of origins: http or https, without a user's name, of just that scheme, host and port.
 *
 * @param checksAddresses - whether the connection will check where a name leads, which `https://*.` needs.
 */
export function allowsAddress(address: string, origins: readonly string[], checksAddresses: boolean): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { protocol, username, password, origin } = new URL(address);
  const isPlain = (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
  return isPlain && origins.some((allowed) => (allowed.startsWith(anyHost) ? checksAddresses && isBelow(origin, allowed) : origin === originOf(allowed)));
}

const anyHost = 'https://*.';

function isBelow(origin: string, allowed: string): boolean {
  const domain = originOf(`https://${allowed.slice(anyHost.length)}`)?.slice('https://'.length);
  return domain !== undefined && origin.startsWith('https://') && origin.endsWith(`.${domain}`);
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}
