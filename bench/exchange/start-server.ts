import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, on a free port of the loopback address. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one of the kinds of `server.ts`; it ends with this process. */
export async function startServer(kind: 'receiver' | 'bare' | 'answering'): Promise<Server> {
  const path = fileURLToPath(new URL('server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@fhir-messaging/source', path, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [port] = await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
