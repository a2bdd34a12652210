import { describe, expect, it } from 'vitest';
import { readOperationOutcome } from './read-operation-outcome.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readOperationOutcome', () => {
  it('gives the issues of an OperationOutcome', () => {
    expect(readOperationOutcome(bytes('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"deleted"}]}'))).toEqual([{ severity: 'error', code: 'deleted' }]);
  });

  it.each(['{"resourceType":"Bundle"}', '<html>', 'null', ''])('gives none of %j', (text) => {
    expect(readOperationOutcome(bytes(text))).toBeUndefined();
  });

  it('gives none where nothing came', () => {
    expect(readOperationOutcome(undefined)).toBeUndefined();
  });
});
