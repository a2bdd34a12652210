import type { Input } from './inputs.ts';

/** Somebody who does a row's work: timed, and once, outside the time, asked how much of the result is right. */
export interface Contestant {
  /** What is timed. */
  readonly run: () => unknown;
  /** How many of the row's answers it gives right. */
  readonly right: () => Promise<number>;
}

/** A row's work on one input. */
interface Contest {
  /** How many answers there are to give. */
  readonly answers: number;
  readonly ours: Contestant;
  readonly peers: Readonly<Record<string, Contestant>>;
}

/** One row of the table. */
export interface Row {
  readonly name: string;
  /** What is timed; whether the input is reused or fresh; whether it starts warm or cold. */
  readonly protocol: string;
  /** The highest ratio to `JSON.parse` of the same bytes, by the number of entries. */
  readonly bars?: Readonly<Record<number, number>>;
  /** The highest ratio to the row's own time at the smallest size. */
  readonly growth?: number;
  /** How much longer than a peer ours may take, as a ratio, where it goes over the peer itself. @defaultValue 1: it has to be faster */
  readonly timesPeer?: number;
  readonly prepare: (input: Input) => Contest;
}

/** A contestant, from its work and a count of what is right in its result. */
export function contestant<TResult>(run: () => TResult, count: (result: Awaited<TResult>) => number): Contestant {
  return { run, right: async () => count(await run()) };
}

/** How many items of a result are what is known to be right, position by position. */
export function countRight<TItem>(result: readonly TItem[], isRight: (item: TItem, position: number) => boolean): number {
  return result.filter(isRight).length;
}
