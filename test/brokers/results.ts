import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('results.json', import.meta.url);

/** Whether this is a run at full size; a tenth of it otherwise. */
const isFull: boolean = process.env['FAULTS'] === 'full';

/** How many messages flow while brokers and consumers are killed. */
export const total: number = isFull ? 5000 : 500;

/** What settles when the faults strike; FAULTS_SEED gives another. */
export const seed: number = Number(process.env['FAULTS_SEED'] ?? 20261121);

/** Shows the figures of a run, and keeps them where it was at full size. */
export function record(name: string, figures: Readonly<Record<string, unknown>>): void {
  console.log(`${name}: ${JSON.stringify(figures)}`);
  if (isFull) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, `${JSON.stringify({ ...known, [name]: { seed, ...figures } }, null, 2)}\n`);
  }
}
