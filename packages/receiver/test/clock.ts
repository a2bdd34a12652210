import type { Wait } from '../src/index.ts';

/** Time that passes when it is told to: `of(ms)` is a wait of that long, once somebody waits it; each is given once. */
export function clock(): { wait: Wait; waits: { of: (delayMs: number) => Promise<{ pass: () => void }> } } {
  const begun: { delayMs: number; pass: () => void }[] = [];
  const awaited: { delayMs: number; resolve: (wait: { pass: () => void }) => void }[] = [];
  const tell = (): void => {
    for (const each of [...awaited]) {
      const found = begun.find(({ delayMs }) => delayMs === each.delayMs);
      if (found) {
        begun.splice(begun.indexOf(found), 1);
        awaited.splice(awaited.indexOf(each), 1);
        each.resolve(found);
      }
    }
  };
  return {
    wait: (delayMs, signal) =>
      new Promise((resolve) => {
        const entry = { delayMs, pass: resolve };
        signal.addEventListener('abort', () => {
          resolve();
          if (begun.includes(entry)) begun.splice(begun.indexOf(entry), 1);
        });
        begun.push(entry);
        tell();
      }),
    waits: {
      of: (delayMs) =>
        new Promise((resolve) => {
          awaited.push({ delayMs, resolve });
          tell();
        }),
    },
  };
}
