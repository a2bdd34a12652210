import { describe, expect, it } from 'vitest';
import { keyedDigest } from './keyed-digest.ts';

const secret = new TextEncoder().encode('Jefe');

describe.each([
  ['of this platform', globalThis],
  ['of a platform that has Web Crypto alone', {}],
  ['of a Node that hands out no modules', { process: {} }],
])('the digest %s', (_, platform) => {
  it('without a secret is SHA-256 (FIPS 180-4)', async () => {
    expect(await keyedDigest(undefined, platform)('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('with a secret is HMAC-SHA-256 (RFC 4231, test case 2)', async () => {
    expect(await keyedDigest(secret, platform)('what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

it('a digest is there at once in Node, which no message waits for', () => {
  expect(typeof keyedDigest(secret)('abc')).toBe('string');
});
