import { describe, expect, it } from 'vitest';
import { sha256, sha256On } from './sha-256.ts';

describe.each([
  ['of this platform', sha256],
  ['of a platform that has Web Crypto alone', sha256On({})],
  ["of a Node that is older than crypto.hash", sha256On({ process: { getBuiltinModule: () => ({}) } })],
])('SHA-256 %s', (_, digest) => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['grüezi 🧾', 'f4bf4c8e6c24b42158c2daaf93053cd814e8e39cc52df1a02441ca35c2c55c43'],
  ])('of %j is that of its UTF-8 (FIPS 180-4)', async (text, expected) => {
    expect(await digest(text)).toBe(expected);
  });
});

it('SHA-256 is there at once in Node, which no message waits for', () => {
  expect(typeof sha256('abc')).toBe('string');
});
