import type { TestProject } from 'vitest/node';
import { startRabbit } from './rabbitmq-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where RabbitMQ is, for both protocols; empty where there is none. */
    readonly rabbitUrl: string;
  }
}

/** One broker for a whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRabbit();
  project.provide('rabbitUrl', server?.url ?? '');
  return async () => server?.stop();
}
