import { createHash } from 'node:crypto';

/** A number from 0 up to 1 that a seed and a name settle: the same in every run, in whatever order things happen. */
export function seeded(seed: number, ...name: readonly (string | number)[]): number {
  return createHash('sha256').update([seed, ...name].join('/')).digest().readUInt32BE(0) / 2 ** 32;
}
