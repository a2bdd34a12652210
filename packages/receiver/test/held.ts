import type { ReplyContent } from '@fhir-messaging/core';
import { createReceiver } from '../src/index.ts';
import type { Receiver, ReceiverOptions } from '../src/index.ts';
import { admit, source } from './admissions.ts';

export interface Run {
  readonly say: (content: ReplyContent) => void;
  readonly fail: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** A receiver whose handler waits to be told what to do; `run(n)` is its nth run, once that has begun. */
export function held(options: Partial<ReceiverOptions> = {}): { receiver: Receiver; run: (nth: number) => Promise<Run>; runs: () => number } {
  const begun: Run[] = [];
  const awaited: { nth: number; resolve: (run: Run) => void }[] = [];
  const tell = (): void => {
    for (const { nth, resolve } of awaited) {
      const run = begun[nth - 1];
      if (run) resolve(run);
    }
  };
  const receiver = createReceiver({ source, ...options }).on(
    admit,
    ({ signal }) =>
      new Promise<ReplyContent>((say, fail) => {
        begun.push({ say, fail, signal });
        tell();
      }),
  );
  const run = (nth: number): Promise<Run> =>
    new Promise((resolve) => {
      awaited.push({ nth, resolve });
      tell();
    });
  return { receiver, run, runs: () => begun.length };
}
