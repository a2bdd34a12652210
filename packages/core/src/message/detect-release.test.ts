import { describe, expect, it } from 'vitest';
import { detectRelease } from './detect-release.ts';

describe('detectRelease', () => {
  it.each([
    ['eventCanonical', { eventCanonical: 'https://a.example/event' }],
    ['source.endpointUrl', { source: { endpointUrl: 'https://a.example' } }],
    ['source.endpointReference', { source: { endpointReference: { display: 'A' } } }],
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
    ['eventUri beside what R5 has', { eventUri: 'https://a.example/event', response: { identifier: { value: '1' } } }],
    ['lists in place of elements', { source: [], response: [] }],
  ])('reads R4, which R4B equals, where there is %s', (_says, header) => {
    expect(detectRelease(header)).toBe('R4');
  });
});
