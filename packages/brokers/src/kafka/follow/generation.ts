import type { KafkaConsumer, KafkaPosition } from '../kafka-client.ts';
import { progressCommitter } from './commit-progress.ts';
import { startLane } from './lane.ts';
import type { HandleRecord } from './lane.ts';
import { readLanes } from './read-lanes.ts';

/** A group member's work on its partitions until the next rebalance. */
export interface Generation {
  /** Ends the work since the partitions are being dealt out anew: nothing more begins or is committed; running handlers get their time. */
  revoke(): Promise<void>;
  /** Ends the work of a member that leaves of its own accord: records that are done by then are committed. */
  finish(): Promise<void>;
}

/** The options of a generation. */
export interface GenerationOptions {
  readonly handle: HandleRecord;
  /** How long running handlers may go on when their partition goes, before their signal aborts, in milliseconds. */
  readonly graceMs: number;
  /** How many records of a partition wait in memory. */
  readonly capacity: number;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Is told of an error that ends it: of the connection, the membership, or a record that could not be dealt with. */
  readonly onError: (error: unknown) => void;
}

/** Begins to read partitions from some positions, each in a lane of its own. */
export function startGeneration(consumer: KafkaConsumer, positions: readonly KafkaPosition[], options: GenerationOptions): Generation {
  const { capacity, graceMs, handle, wait, onError } = options;
  const stopped = new AbortController();
  const revoked = new AbortController();
  const ended = new AbortController();

  const lanes = positions.map(({ topic, partition, offset }) =>
    startLane({
      topic,
      partition,
      start: offset,
      capacity,
      handle,
      wait,
      stopped: stopped.signal,
      ended: ended.signal,
      onDone: () => committer.commit(),
      onRoom: () => reading.goOn(),
      onMissed: () => reading.reopen(),
      onError,
    }),
  );
  const committer = progressCommitter(consumer, lanes, () => revoked.signal.aborted, { wait, onError });
  const reading = readLanes(consumer, lanes, { capacity, wait, stopped: stopped.signal, onError });

  /** Begins nothing more, and gives running handlers their time. */
  async function stop(): Promise<void> {
    stopped.abort();
    const graceOver = new AbortController();
    const idle = Promise.all(lanes.map((lane) => lane.idle()));
    await Promise.race([idle, wait(graceMs, graceOver.signal)]);
    graceOver.abort();
  }

  return {
    async revoke() {
      revoked.abort();
      await stop();
      ended.abort();
      await reading.over;
    },
    async finish() {
      await stop();
      await committer.finish();
      revoked.abort();
      ended.abort();
      await reading.over;
    },
  };
}
