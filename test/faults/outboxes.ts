import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job, Word } from './outbox-process.ts';

/** What became of a job: the states of all entries at its end, or the step that it was killed at. */
interface Ended {
  readonly entries: Readonly<Record<string, string>> | undefined;
  readonly killedAt: string | undefined;
  /** The messages that it said were queued. */
  readonly queued: readonly string[];
  readonly steps: number;
}

/** A process that works with outboxes. */
export interface OutboxProcess {
  /**
   * Has it do a job, and kills it without a word before a step, counted from 1.
   *
   * @param onStep - gets what counts a step of somebody else's, such as the receiver's, as one of its own.
   */
  run(job: Job, killAt?: number, onStep?: (step: (name: string) => Promise<void>) => void): Promise<Ended>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Ends it as a process ends. */
  stop(): Promise<void>;
}

/** Hundreds are started: what one has compiled, the others need not. */
const compiled = join(tmpdir(), 'fhir-messaging-compiled');

export function startOutboxProcess(): OutboxProcess {
  const child = fork(fileURLToPath(new URL('outbox-process.ts', import.meta.url)), {
    execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    run: (job, killAt = 0, onStep = () => undefined) => runJob(child, kill, job, killAt, onStep),
    kill,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** A process that was killed takes no word any more: its exit says so. */
const ignored = (): void => undefined;

function runJob(child: ChildProcess, end: () => Promise<void>, job: Job, killAt: number, onStep: (step: (name: string) => Promise<void>) => void): Promise<Ended> {
  const queued: string[] = [];
  let steps = 0;
  let killedAt: string | undefined;
  /** @returns whether the process lives on. */
  const count = async (name: string): Promise<boolean> => {
    steps += 1;
    if (steps === killAt) {
      killedAt = name;
      await end();
    }
    return killedAt === undefined;
  };
  onStep(async (name) => void (await count(name)));
  return new Promise((resolve, reject) => {
    const finish = (entries: Ended['entries']): void => {
      child.off('message', hear).off('exit', onExit);
      resolve({ entries, killedAt, queued, steps });
    };
    const hear = (word: Word): void => {
      if (word.say === 'step') void count(word.name).then((lives) => lives && child.send({ go: word.number }, ignored));
      else if (word.say === 'queued') queued.push(word.message);
      else finish(word.entries);
    };
    const onExit = (): void => (killedAt === undefined ? reject(new Error('an outbox ended by itself')) : finish(undefined));
    child.on('message', hear).on('exit', onExit);
    child.send({ job }, ignored);
  });
}
