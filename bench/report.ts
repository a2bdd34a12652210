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
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]): string => line.map((cell, at) => (at === 0 || at > 5 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ').trimEnd();
  return [head, ...lines].map(print).join('\n');
}

function describePeer([name, { ratioToOurs, correct, skipped }]: [string, PeerResult]): string {
  return `${name} ${ratioToOurs === null ? `not measured (${skipped ?? ''})` : `${short(ratioToOurs)}×`} (${correct})`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
