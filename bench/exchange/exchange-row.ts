import type { Input } from '../inputs.ts';

/** A row over real sockets: its floor is what one would write by hand without the SDK. */
export interface ExchangeRow {
  readonly name: string;
  /** What is timed, on both sides. */
  readonly protocol: string;
  /** The highest ratio of our time to the bare one, by the number of entries: those that are measured. */
  readonly bars: Readonly<Record<number, number>>;
  readonly prepare: (input: Input) => Promise<Exchange>;
}

/** A row's work on one input. Each run exchanges so many messages, and fails where one is not answered with success. */
export interface Exchange {
  readonly messages: number;
  readonly ours: () => Promise<unknown>;
  readonly bare: () => Promise<unknown>;
  /** What is made ready before each run, outside the time. */
  readonly before?: () => void;
  /** Of so many messages, outside the time: how many get the right reply. */
  readonly answers: number;
  readonly right: () => Promise<number>;
  readonly stop: () => Promise<unknown>;
}

/** How a row went on one input. */
export interface ExchangeResult {
  readonly row: string;
  readonly entries: number;
  /** Per message. */
  readonly ms: number;
  readonly bareMs: number;
  readonly ratioToBare: number;
  /** Right replies of all. */
  readonly correct: string;
  readonly protocol: string;
  readonly bar: number;
}
