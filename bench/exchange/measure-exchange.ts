import { median } from '../median.ts';
import type { Input } from '../inputs.ts';
import type { Exchange, ExchangeResult, ExchangeRow } from './exchange-row.ts';

const rounds = 9;
/** What does not count: every process begins cold. */
const warmUpRounds = 4;

/** Measures a row on one input: in each round ours and the bare one, one after the other, so that a ratio compares neighbours in time. */
export async function measureExchange(row: ExchangeRow, input: Input): Promise<ExchangeResult> {
  const exchange = await row.prepare(input);
  try {
    const right = await exchange.right();
    for (let round = 0; round < warmUpRounds; round += 1) {
      await timeRound(exchange);
    }
    const times: { ours: number; bare: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push(await timeRound(exchange));
    }
    return {
      row: row.name,
      entries: input.entries,
      ms: median(times.map(({ ours }) => ours)),
      bareMs: median(times.map(({ bare }) => bare)),
      ratioToBare: median(times.map(({ ours, bare }) => ours / bare)),
      correct: `${right}/${exchange.answers}`,
      protocol: row.protocol,
      bar: row.bars[input.entries] ?? 0,
    };
  } finally {
    await exchange.stop();
  }
}

async function timeRound({ ours, bare, before, messages }: Exchange): Promise<{ ours: number; bare: number }> {
  const timeOf = async (run: () => Promise<unknown>): Promise<number> => {
    before?.();
    const start = performance.now();
    await run();
    return (performance.now() - start) / messages;
  };
  return { ours: await timeOf(ours), bare: await timeOf(bare) };
}
