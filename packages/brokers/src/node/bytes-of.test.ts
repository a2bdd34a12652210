import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bytesOf } from './bytes-of.ts';

describe('bytesOf', () => {
  it.each<[string, unknown, string]>([
    ['bytes', Buffer.from('Müller'), 'Müller'],
    ['bytes of another realm', runInNewContext('Uint8Array.of(123, 125)'), '{}'],
    ['text', 'Müller', 'Müller'],
    ['another value as JSON', { a: 1 }, '{"a":1}'],
    ['nothing as JSON', undefined, 'null'],
  ])('gives %s', (_says, value, text) => {
    expect(bytesOf(value)).toEqual(new TextEncoder().encode(text));
  });
});
