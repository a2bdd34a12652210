import { measure } from 'mitata';
import type { Contestant, Row } from './contest.ts';
import type { Input } from './inputs.ts';
import { median } from './median.ts';

/** How a peer did on a row's work; `null` where it was not measured. */
export interface PeerResult {
  readonly ms: number | null;
  readonly ratioToOurs: number | null;
  /** Right answers of all answers. */
  readonly correct: string;
  /** Why it was not measured. */
  readonly skipped?: string;
}

/** How a row went on one input. */
export interface Result {
  readonly row: string;
  readonly entries: number;
  readonly ms: number;
  readonly ratioToParse: number;
  /** Right answers of all answers. */
  readonly correct: string;
  readonly peers: Readonly<Record<string, PeerResult>>;
  readonly protocol: string;
  readonly bar: number | null;
}

const rounds = 7;
/** A run that takes longer gets one sample instead of all rounds; one that takes longer still gets none. */
const slowMs = 500;
const tooSlowMs = 20_000;

/**
 * Measures a row on one input: in each round the floor, ours and each peer, one after the other, so that a ratio compares neighbours in
 * time on a machine that others use too. A round's time is the median of its samples, the result's the median of the rounds.
 */
export async function measureRow(row: Row, input: Input): Promise<Result> {
  const { answers, ours, peers } = row.prepare(input);
  const outOf = (right: number): string => `${right}/${answers}`;
  const correct = outOf(await ours.right());
  const field: Runner[] = [];
  for (const [name, peer] of Object.entries(peers)) {
    field.push({ name, peer, times: [], ...(await firstRun(peer)) });
  }

  const times: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const floor = await timeOf(() => JSON.parse(input.text));
    const time = await timeOf(ours.run);
    times.push(time);
    ratios.push(time / floor);
    for (const { peer, times: own, firstMs } of field) {
      if (firstMs < slowMs || (round === 0 && firstMs < tooSlowMs)) {
        own.push(await timeOf(peer.run, firstMs < slowMs ? undefined : 1));
      }
    }
  }

  const ms = median(times);
  const peerResult = ({ times: own, right, firstMs }: Runner): PeerResult =>
    own.length > 0
      ? { ms: median(own), ratioToOurs: median(own) / ms, correct: outOf(right) }
      : { ms: null, ratioToOurs: null, correct: outOf(right), skipped: `one run takes ${Math.round(firstMs / 1000)} s` };
  return {
    row: row.name,
    entries: input.entries,
    ms,
    ratioToParse: median(ratios),
    correct,
    peers: Object.fromEntries(field.map((one) => [one.name, peerResult(one)])),
    protocol: row.protocol,
    bar: row.bars?.[input.entries] ?? null,
  };
}

/** A peer on its way through the rounds. */
interface Runner {
  readonly name: string;
  readonly peer: Contestant;
  readonly times: number[];
  readonly right: number;
  readonly firstMs: number;
}

/** How much of a first run is right, and how long that run took, cold as it was. */
async function firstRun(peer: Contestant): Promise<{ right: number; firstMs: number }> {
  const start = performance.now();
  const right = await peer.right();
  return { right, firstMs: performance.now() - start };
}

/**
 * The median of some samples, in milliseconds; of quick work a sample is a batch.
 *
 * No garbage collection is forced before: that throws away the optimised code too, and what is measured then is the compiler.
 */
async function timeOf(run: () => unknown, samples = 8): Promise<number> {
  const { p50 } = await measure(run, { gc: false, min_samples: samples, min_cpu_time: samples * 10e6, batch_samples: 512 });
  return p50 / 1e6;
}
