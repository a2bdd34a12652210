import { BlockList, isIP } from 'node:net';

/**
 * Whether an IP address is one of the public internet: no loopback, private, shared, link-local, multicast or reserved one.
 *
 * An IPv4-mapped IPv6 address counts as the IPv4 address; of IPv6 only global unicast is public, without the tunnels into IPv4.
 *
 * @see {@link https://www.iana.org/assignments/iana-ipv4-special-registry/} special addresses of IPv4
 * @see {@link https://www.iana.org/assignments/iana-ipv6-special-registry/} special addresses of IPv6
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIPv4.check(address, 'ipv4');
    case 6:
      // A BlockList of IPv4 subnets also matches IPv4-mapped IPv6 addresses.
      return isMapped(address) ? !specialIPv4.check(address, 'ipv6') : globalIPv6.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6');
    default:
      return false;
  }
}

function isMapped(address: string): boolean {
  return anyIPv4.check(address, 'ipv6');
}

const anyIPv4 = listOf('ipv4', ['0.0.0.0/1', '128.0.0.0/1']);

const specialIPv4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

const globalIPv6 = listOf('ipv6', ['2000::/3']);

/** Protocol assignments and Teredo, documentation, 6to4. */
const specialIPv6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', prefix] = subnet.split('/');
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}
