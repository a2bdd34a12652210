import { readFileSync, writeFileSync } from 'node:fs';

/** Whether this is a run at full size; a tenth of it otherwise. */
export const isFull: boolean = process.env['FAULTS'] === 'full';

/** How many messages each cache gets. */
export const total: number = isFull ? 10_000 : 1000;

/** What settles every fault; FAULTS_SEED gives another. */
export const seed: number = Number(process.env['FAULTS_SEED'] ?? 20261121);

/** Shows the figures of a run, and keeps them where it was at full size. */
export const record: Recorder = recordIn(new URL('results.json', import.meta.url));

/** Takes the figures of a run, by its name. */
export type Recorder = (name: string, figures: Readonly<Record<string, unknown>>) => void;

/** What keeps figures in a file. */
export function recordIn(file: URL): Recorder {
  return (name, figures) => {
    console.log(`${name}: ${JSON.stringify(figures)}`);
    if (isFull) {
      const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      writeFileSync(file, `${JSON.stringify({ ...known, [name]: { seed, ...figures } }, null, 2)}\n`);
    }
  };
}
