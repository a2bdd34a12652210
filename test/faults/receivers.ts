import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A receiver in a process of its own. */
export interface ReceiverProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export async function startReceiver(database: string): Promise<ReceiverProcess> {
  const child = fork(fileURLToPath(new URL('receiver-process.ts', import.meta.url)), [database], {
    execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'],
  });
  const { port } = await saying(child, 'listening');
  return {
    port: port ?? 0,
    child,
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** Waits until a receiver says something. */
export function saying(child: ChildProcess, kind: string): Promise<{ readonly port?: number }> {
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('the receiver ended')));
    child.on('message', (message: { readonly kind: string; readonly port?: number }) => {
      if (message.kind === kind) resolve(message);
    });
  });
}
