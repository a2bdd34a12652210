import type { KafkaConsumer, KafkaPosition, KafkaStream } from '../kafka-client.ts';
import { progressCommitter } from './commit-progress.ts';
import { startLane } from './lane.ts';
import type { HandleRecord, Lane } from './lane.ts';

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

/**
 * How long a full lane keeps the others waiting. The records that it misses after that have to be read again: without a wait, a handler that is merely
 * slow would have everything behind it read over and over.
 */
const patienceMs = 10_000;

/** Begins to read partitions from some positions, each in a lane of its own. */
export function startGeneration(consumer: KafkaConsumer, positions: readonly KafkaPosition[], options: GenerationOptions): Generation {
  const { capacity, graceMs, handle, wait, onError } = options;
  const stopped = new AbortController();
  const revoked = new AbortController();
  const ended = new AbortController();
  let stream: KafkaStream | undefined;
  let letIn = (): void => undefined;

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
      onRoom: () => letIn(),
      onMissed: () => stream?.destroy(),
      onError,
    }),
  );
  const committer = progressCommitter(consumer, lanes, () => revoked.signal.aborted, { wait, onError });
  const laneOf = new Map(lanes.map((lane) => [nameOf(lane), lane]));

  const isStopped = (): boolean => stopped.signal.aborted;
  const room = (): Promise<void> =>
    new Promise((resolve) => {
      letIn = resolve;
    });
  /** Waits for room in a lane, and holds up the reading of all, but no longer than `patienceMs`: the lane then misses the record. */
  const roomIn = async (lane: Lane): Promise<void> => {
    const over = new AbortController();
    const end = (): void => over.abort();
    const patience = wait(patienceMs, over.signal).then(end);
    while (!lane.hasRoom && !isStopped() && !over.signal.aborted) await Promise.race([room(), patience]);
    end();
  };
  const readOn = async (): Promise<void> => {
    const offsets = lanes.map(({ topic, partition, wanted }) => ({ topic, partition, offset: wanted }));
    const opened = await consumer.consume({ topics: [...new Set(offsets.map(({ topic }) => topic))], autocommit: false, mode: 'manual', fallbackMode: 'earliest', offsets, highWaterMark: capacity });
    stream = opened;
    if (isStopped()) {
      // The generation ended while the stream was being opened.
      opened.destroy();
      return;
    }
    let failure: unknown;
    // The loop below may end with a mere premature close: the real error comes here.
    opened.on('error', (error) => {
      failure = error;
    });
    for (const lane of lanes) lane.reopen();
    try {
      for await (const record of opened) {
        const lane = laneOf.get(nameOf(record));
        if (lane?.hasRoom === false) await roomIn(lane);
        if (isStopped()) break;
        lane?.offer(record);
      }
    } catch (error) {
      failure ??= error;
      if (!isOwnEnd(failure)) throw failure;
    }
  };
  const read = async (): Promise<void> => {
    while (!isStopped() && lanes.length > 0) await readOn();
  };
  const reading = read().catch((error: unknown) => {
    if (!isStopped()) onError(error);
  });

  const stop = async (): Promise<void> => {
    stopped.abort();
    letIn();
    stream?.destroy();
    const graceOver = new AbortController();
    const idle = Promise.all(lanes.map((lane) => lane.idle()));
    await Promise.race([idle, wait(graceMs, graceOver.signal)]);
    graceOver.abort();
  };
  return {
    async revoke() {
      revoked.abort();
      await stop();
      ended.abort();
      await reading;
    },
    async finish() {
      await stop();
      await committer.finish();
      revoked.abort();
      ended.abort();
      await reading;
    },
  };
}

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`;

/** Whether an error says no more than that the stream was destroyed here. */
function isOwnEnd(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR');
}
