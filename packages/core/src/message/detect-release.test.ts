import { describe, expect, it } from 'vitest';
import { detectRelease } from './detect-release.ts';

describe('detectRelease', () => {
  it.each([
    ['eventCanonical', { eventCanonical: 'https://a.example/event' }],
    ['source.endpointUrl', { source: { endpointUrl: 'https://a.example' } }],
    ['source.endpointReference', { source: { endpointReference: { display: 'A' } } }],
    ['destination.endpointUrl', { source: { name: 'A' }, destination: [{ endpointUrl: 'https://a.example' }] }],
    ['an Identifier in response.identifier', { response: { identifier: { value: '1' } } }],
  ])('reads R5 where there is %s (R5 messageheader.html)', (_says, header) => {
    expect(detectRelease(header)).toBe('R5');
  });

  it.each([
    ['no header', undefined],
    ['an empty header', {}],
    ['eventCoding', { eventCoding: { code: 'x' } }],
    ['eventUri', { eventUri: 'https://a.example/event' }],
    ['source.endpoint', { source: { endpoint: 'https://a.example' } }],
    ['an id in response.identifier', { response: { identifier: '1' } }],
    ['an endpoint beside what R5 has', { source: { endpoint: 'https://a.example' }, response: { identifier: { value: '1' } } }],
    ['a destination.endpoint beside what R5 has', { source: {}, destination: [{ endpoint: 'https://a.example' }], response: { identifier: { value: '1' } } }],
    ['eventUri beside what R5 has', { eventUri: 'https://a.example/event', response: { identifier: { value: '1' } } }],
    ['lists in place of elements', { source: [], response: [] }],
  ])('reads R4, which R4B equals, where there is %s', (_says, header) => {
    expect(detectRelease(header)).toBe('R4');
  });

  it('reads R5 where a source has no address, and the Bundle the identifier that R5 knows messages by (R5 messaging.html)', () => {
    expect(detectRelease({ source: { name: 'A' } }, { identifier: { value: '1' } })).toBe('R5');
    expect(detectRelease({ source: { name: 'A' } }, {})).toBe('R4');
    expect(detectRelease({}, { identifier: { value: '1' } })).toBe('R4');
  });
});
