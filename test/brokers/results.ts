import { isFull, recordIn, seed } from '../faults/results.ts';
import type { Recorder } from '../faults/results.ts';

export { seed };

/** How many messages flow while brokers and consumers die. */
export const total: number = isFull ? 5000 : 500;

/** Shows the figures of a run, and keeps them where it was at full size. */
export const record: Recorder = recordIn(new URL('results.json', import.meta.url));
