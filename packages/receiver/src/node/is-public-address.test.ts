import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './is-public-address.ts';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.1', '192.167.1.1', '169.253.1.1', '223.255.255.255'])('IPv4, public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['this network, 0/8', '0.0.0.0'],
    ['private, 10/8', '10.1.2.3'],
    ['shared, 100.64/10', '100.64.0.1'],
    ['shared, the last of it', '100.127.255.255'],
    ['loopback, 127/8', '127.0.0.1'],
    ['loopback, another', '127.255.255.254'],
    ["link-local, 169.254/16: clouds' metadata", '169.254.169.254'],
    ['private, 172.16/12', '172.16.0.1'],
    ['private, the last of it', '172.31.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['relays of 6to4', '192.88.99.1'],
    ['private, 192.168/16', '192.168.1.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
  ])('IPv4, not public: %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
  });

  it.each(['2606:4700:4700::1111', '2a00:1450:4001:81b::200e', '::ffff:8.8.8.8', '::ffff:808:808'])('IPv6, public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback of IPv4, mapped', '::ffff:127.0.0.1'],
    ['the same in hexadecimal', '::ffff:7f00:1'],
    ['compatible with IPv4', '::127.0.0.1'],
    ['translated to IPv4 (NAT64)', '64:ff9b::7f00:1'],
    ['private, fc00::/7', 'fc00::1'],
    ['private, fd', 'fd12:3456::1'],
    ['link-local, fe80::/10', 'fe80::1'],
    ['link-local, with a zone', 'fe80::1%eth0'],
    ['multicast', 'ff02::1'],
    ['Teredo', '2001:0:53aa:64c::1'],
    ['documentation', '2001:db8::1'],
    ['6to4', '2002:7f00:1::'],
  ])('IPv6, not public: %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['', 'localhost', '127.1', '0x7f000001', '2130706433', '8.8.8.8:80', ' 8.8.8.8'])('what is no address is not public: %j', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});
