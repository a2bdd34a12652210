import type { KafkaConsumer, KafkaPosition, KafkaStream } from '../kafka-client.ts';
import { progressCommitter } from './commit-progress.ts';
import { startLane } from './lane.ts';
import type { HandleRecord, Lane } from './lane.ts';

/** What a member of a group does with its partitions until the next rebalance. */
export interface Generation {
  /** Lets nothing begin any more, and nothing be committed, since the partitions are being dealt out anew; what runs gets its time. */
  revoke(): Promise<void>;
  /** The same, for a member that leaves of its own accord: what is done by then is committed. */
  finish(): Promise<void>;
}

/** What a generation is made of. */
export interface GenerationOptions {
  readonly handle: HandleRecord;
  /** How long what runs may go on when its partition goes, before its signal aborts. */
  readonly graceMs: number;
  /** How many records of a partition wait in memory. */
  readonly capacity: number;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Is told of what ends it: the connection, the membership, a record that could not be dealt with. */
  readonly onError: (error: unknown) => void;
}

/**
 * How long a full lane keeps the others waiting. What it misses has to be read again, so that a handler that is only slow, with much to do, would have
 * everything behind it read over and over.
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
  /** Who reads what another lane wants waits with it, unless that lane's handler takes too long: it then misses what comes. */
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
      // It ended while this was being opened.
      opened.destroy();
      return;
    }
    let failure: unknown;
    // What ends the loop below is told here, where it is more than that.
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

/** A stream that was destroyed here ends its reader with an error that says no more than that. */
function isOwnEnd(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR');
}
