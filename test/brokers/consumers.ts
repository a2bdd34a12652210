import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A consumer in a process of its own. */
export interface ConsumerProcess {
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export async function startConsumer(...settings: readonly [protocol: string, broker: string, queue: string, database: string]): Promise<ConsumerProcess> {
  const child: ChildProcess = fork(fileURLToPath(new URL('consumer-process.ts', import.meta.url)), settings, {
    execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'],
  });
  await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('the consumer ended')))]);
  return {
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
