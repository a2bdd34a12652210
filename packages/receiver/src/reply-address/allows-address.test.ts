import { describe, expect, it } from 'vitest';
import { allowsAddress } from './allows-address.ts';

const origins = ['https://app.example.org', 'http://intranet.example:8080', 'https://[2606:4700::1]:8443'];

describe('allowsAddress', () => {
  it.each([
    'https://app.example.org/fhir',
    'https://app.example.org:443/fhir?tenant=1',
    'HTTPS://APP.EXAMPLE.ORG',
    'http://intranet.example:8080/fhir',
    'https://[2606:4700:0::1]:8443/',
  ])('takes an address of an origin on the list: %s', (address) => {
    expect(allowsAddress(address, origins, false)).toBe(true);
  });

  it.each([
    ['another host', 'https://other.example.org/fhir'],
    ['a host that ends so', 'https://evil-app.example.org'],
    ['a host that begins so', 'https://app.example.org.evil.example'],
    ['a host below', 'https://x.app.example.org'],
    ['an odd port', 'https://app.example.org:22/fhir'],
    ['another port than the one listed', 'http://intranet.example/fhir'],
    ['another scheme', 'http://app.example.org/fhir'],
    ['ftp', 'ftp://app.example.org/fhir'],
    ['file', 'file:///etc/passwd'],
    ['javascript', 'javascript:alert(1)'],
    ['data', 'data:text/plain,x'],
    ['a logical address', 'urn:oid:1.2.3'],
    ["a user's name", 'https://user@app.example.org/fhir'],
    ["a user's name and password", 'https://user:secret@app.example.org/fhir'],
    ['the list as a user', 'https://app.example.org@evil.example/fhir'],
    ['a backslash', 'https://evil.example\\@app.example.org'],
    ['a relative one', '/fhir'],
    ['one that is none', 'undefined/$process-message'],
    ['nothing', ''],
    ['loopback', 'http://127.0.0.1/'],
    ['loopback in decimal', 'http://2130706433/'],
    ['loopback in hexadecimal', 'http://0x7f.1/'],
  ])('refuses %s: %s', (_, address) => {
    expect(allowsAddress(address, origins, true)).toBe(false);
  });

  it.each([
    ['a path', 'https://app.example.org/fhir'],
    ['a query', 'https://app.example.org/?tenant=1'],
    ['a fragment', 'https://app.example.org/#a'],
    ["a user's name", 'https://user:secret@app.example.org'],
    ['a bare name', 'app.example.org'],
    ['a star', '*'],
    ['a star as the host', 'https://*'],
    ['another scheme', 'ftp://app.example.org'],
    ['nothing', ''],
    ['a path, for every host below', 'https://*.example.org/fhir'],
  ])('an entry that is not exactly an origin lets nothing be: %s', (_, entry) => {
    for (const address of ['https://app.example.org', 'https://app.example.org/fhir', 'https://x.app.example.org/fhir', 'ftp://app.example.org', entry]) {
      expect(allowsAddress(address, [entry], true)).toBe(false);
    }
  });

  it('an empty list lets nothing be', () => {
    expect(allowsAddress('https://app.example.org', [], true)).toBe(false);
  });

  describe('https://*. for every host below', () => {
    const below = ['https://*.example.org', 'https://*.example.net:8443'];

    it.each(['https://a.example.org/fhir', 'https://a.b.example.org', 'https://a.example.net:8443'])('takes %s', (address) => {
      expect(allowsAddress(address, below, true)).toBe(true);
    });

    it.each(['https://example.org', 'https://evilexample.org', 'http://a.example.org', 'https://a.example.org:8443', 'https://a.example.org.evil.example', 'https://a.example.net'])('refuses %s', (address) => {
      expect(allowsAddress(address, below, true)).toBe(false);
    });

    it('counts for nothing where the connection does not check where a name leads', () => {
      expect(allowsAddress('https://a.example.org', below, false)).toBe(false);
    });
  });
});
