import { afterEach } from 'vitest';
import { benchOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

/** The one that was opened last in the test. */
export let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

/** A bench that stops after its test; one for each test. */
export async function open(...of: Parameters<typeof benchOf>): Promise<Bench> {
  bench = await benchOf(...of);
  return bench;
}
