import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where PostgreSQL is; empty where there is none. */
    readonly postgresUrl: string;
  }
}

/** One server for a whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('postgresUrl', server?.url ?? '');
  return async () => server?.stop();
}
