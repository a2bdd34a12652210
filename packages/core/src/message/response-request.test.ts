import { describe, expect, it } from 'vitest';
import { responseRequestOf, responseRequestUrl, wantsReply } from './response-request.ts';

const header = (...extension: unknown[]): { extension: unknown[] } => ({ extension });

describe('responseRequestOf', () => {
  it.each(['always', 'on-error', 'never', 'on-success'] as const)('reads %s from the message, before what its contract says', (code) => {
    expect(responseRequestOf(header({ url: 'https://other.example', valueCode: 'x' }, { url: responseRequestUrl, valueCode: code }), 'always')).toBe(code);
  });

  it.each([
    ['no header', undefined],
    ['no extension', {}],
    ['another code', header({ url: responseRequestUrl, valueCode: 'sometimes' })],
    ['another type of value', header({ url: responseRequestUrl, valueString: 'never' })],
    ['extensions that are no list', { extension: { url: responseRequestUrl, valueCode: 'never' } }],
    ['extensions that are no elements', header(null, 'never')],
  ])('follows the contract where there is %s', (_says, given) => {
    expect(responseRequestOf(given, 'on-error')).toBe('on-error');
  });

  it('is always where nobody says', () => {
    expect(responseRequestOf(undefined)).toBe('always');
  });
});

describe('wantsReply', () => {
  it.each([
    ['always', true, true],
    ['on-error', false, true],
    ['on-success', true, false],
    ['never', false, false],
  ] as const)('of %s is %s for ok, %s for an error (messageheader-response-request)', (request, ok, error) => {
    expect(wantsReply(request, 'ok')).toBe(ok);
    expect(wantsReply(request, 'error')).toBe(error);
  });
});
