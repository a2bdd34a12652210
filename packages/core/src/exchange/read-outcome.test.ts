import { describe, expect, it } from 'vitest';
import { readOutcome } from './read-outcome.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readOutcome', () => {
  it('gives the issues of an OperationOutcome', () => {
    expect(readOutcome(bytes('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"deleted"}]}'))).toEqual([{ severity: 'error', code: 'deleted' }]);
  });

  it.each(['{"resourceType":"Bundle"}', '<html>', 'null', ''])('gives none of %j', (text) => {
    expect(readOutcome(bytes(text))).toBeUndefined();
  });

  it('gives none where nothing came', () => {
    expect(readOutcome(undefined)).toBeUndefined();
  });
});
