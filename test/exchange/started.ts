import { onTestFinished } from 'vitest';
import { startServer } from './loopback.ts';
import type { Loopback, Step } from './loopback.ts';

/** A scripted server for the test that runs, which stops it. */
export async function start(...steps: readonly Step[]): Promise<Loopback> {
  const server = await startServer(...steps);
  onTestFinished(() => server.stop());
  return server;
}
