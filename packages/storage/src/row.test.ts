import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bytes } from './row.ts';

describe('bytes', () => {
  it('copies the bytes of a column, those of another realm too', () => {
    const column = Buffer.from([1, 2]);
    const copy = bytes(column);
    column.fill(0);

    expect(copy).toEqual(Uint8Array.of(1, 2));
    expect(bytes(runInNewContext('Uint8Array.of(1, 2)'))).toEqual(Uint8Array.of(1, 2));
    expect(bytes(null)).toEqual(new Uint8Array());
  });
});
