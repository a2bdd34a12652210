import type { ExchangeResult } from './exchange/exchange-row.ts';
import type { PeerResult, Result } from './measure.ts';

/** The results as a table for the terminal. */
export function tableOf(results: readonly Result[]): string {
  const head = ['row', 'entries', 'ms', '× parse', 'bar', 'right', 'peers: their time in ours, right answers'];
  const lines = results.map(({ row, entries, ms, ratioToParse, bar, correct, peers }) => [
    row,
    String(entries),
    short(ms),
    short(ratioToParse),
    bar === null ? '' : `${ratioToParse <= bar ? '<=' : '> !'} ${bar}`,
    correct,
    Object.entries(peers).map(describePeer).join('; '),
  ]);
  return print([head, ...lines]);
}

/** The results over real sockets as a table. */
export function exchangeTableOf(results: readonly ExchangeResult[]): string {
  const head = ['row', 'entries', 'ms', '× bare', 'bar', 'right'];
  const lines = results.map(({ row, entries, ms, ratioToBare, bar, correct }) => [row, String(entries), short(ms), short(ratioToBare), `${ratioToBare <= bar ? '<=' : '> !'} ${short(bar)}`, correct]);
  return print([head, ...lines]);
}

/** The first column, and everything behind the sixth, is text. */
function print(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const printLine = (line: readonly string[]): string => line.map((cell, at) => (at === 0 || at > 5 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ').trimEnd();
  return lines.map(printLine).join('\n');
}

function describePeer([name, { ratioToOurs, correct, skipped }]: [string, PeerResult]): string {
  return `${name} ${ratioToOurs === null ? `not measured (${skipped ?? ''})` : `${short(ratioToOurs)}×`} (${correct})`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
