import type { Row } from './contest.ts';
import type { ExchangeResult } from './exchange/exchange-row.ts';
import type { Result } from './measure.ts';

/** What is not as it has to be, in words; none when all is well. */
export function failuresIn(row: Row, results: readonly Result[]): readonly string[] {
  const [smallest] = results;
  return results.flatMap(({ entries, ms, ratioToParse, correct, peers, bar }) => {
    const at = `${row.name} at ${entries}`;
    const growth = ms / (smallest?.ms ?? ms);
    return [
      ...(isRight(correct) ? [] : [`${at}: only ${correct} answers are right`]),
      ...(bar === null || ratioToParse <= bar ? [] : [`${at}: ${ratioToParse.toPrecision(3)} of JSON.parse, the bar is ${bar}`]),
      ...(row.growth === undefined || growth <= row.growth ? [] : [`${at}: ${growth.toPrecision(3)} times its time at ${smallest?.entries ?? 0}, the bar is ${row.growth}`]),
      ...Object.entries(peers).flatMap(([name, peer]) => (peer.ratioToOurs !== null && peer.ratioToOurs * (row.timesPeer ?? 1) <= 1 && isRight(peer.correct) ? [`${at}: ${name} is ahead`] : [])),
    ];
  });
}

/** What is not as it has to be in the rows over real sockets, in words. */
export function exchangeFailuresIn(results: readonly ExchangeResult[]): readonly string[] {
  return results.flatMap(({ row, entries, ratioToBare, correct, bar }) => {
    const at = `${row} at ${entries}`;
    return [
      ...(isRight(correct) ? [] : [`${at}: only ${correct} replies are right`]),
      ...(ratioToBare <= bar ? [] : [`${at}: ${ratioToBare.toPrecision(3)} of the bare time, the bar is ${bar.toPrecision(3)}`]),
    ];
  });
}

function isRight(correct: string): boolean {
  const [right, all] = correct.split('/');
  return right === all;
}
