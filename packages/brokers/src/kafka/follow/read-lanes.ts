import { onAbort } from '@fhir-messaging/core';
import type { KafkaConsumer, KafkaStream } from '../kafka-client.ts';
import type { Lane } from './lane.ts';

/** The reading of records into their lanes. */
export interface LaneReading {
  /** Resolves when nothing is read any more: after `stopped`, or an error. */
  readonly over: Promise<void>;
  /** Has the reading look again whether a lane has room. */
  goOn(): void;
  /** Opens the stream again, where each lane wants it. */
  reopen(): void;
}

/** The options of a reading. */
export interface LaneReadingOptions {
  /** How many records of a partition wait in memory. */
  readonly capacity: number;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Ends it. */
  readonly stopped: AbortSignal;
  /** Is told of the error that ends it. */
  readonly onError: (error: unknown) => void;
}

/**
 * How long a full lane keeps the others waiting. The records that it misses after that have to be read again: without a wait, a handler that is merely
 * slow would have everything behind it read over and over.
 */
const patienceMs = 10_000;

/** Reads records into their lanes, from where each wants them. */
export function readLanes(consumer: KafkaConsumer, lanes: readonly Lane[], { capacity, wait, stopped, onError }: LaneReadingOptions): LaneReading {
  const laneOf = new Map(lanes.map((lane) => [nameOf(lane), lane]));
  let stream: KafkaStream | undefined;
  let goOn = (): void => undefined;
  const isStopped = (): boolean => stopped.aborted;

  /** Waits for room in a lane, and holds up the reading of all, but no longer than `patienceMs`: the lane then misses the record. */
  async function roomIn(lane: Lane): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    const patience = wait(patienceMs, over.signal).then(end);
    while (!lane.hasRoom && !isStopped() && !over.signal.aborted) {
      await Promise.race([new Promise<void>((resolve) => (goOn = resolve)), patience]);
    }
    end();
  }

  async function open(): Promise<KafkaStream> {
    const offsets = lanes.map(({ topic, partition, wanted }) => ({ topic, partition, offset: wanted }));
    const topics = [...new Set(offsets.map(({ topic }) => topic))];
    return consumer.consume({ topics, autocommit: false, mode: 'manual', fallbackMode: 'earliest', offsets, highWaterMark: capacity });
  }

  /** Reads until the stream is destroyed, or ends. */
  async function readStream(): Promise<void> {
    const opened = await open();
    stream = opened;
    if (isStopped()) {
      // It was stopped while the stream was being opened.
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
  }

  async function read(): Promise<void> {
    while (!isStopped() && lanes.length > 0) await readStream();
  }

  onAbort(stopped, () => {
    goOn();
    stream?.destroy();
  });
  return {
    over: read().catch((error: unknown) => {
      if (!isStopped()) onError(error);
    }),
    goOn: () => goOn(),
    reopen: () => stream?.destroy(),
  };
}

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`;

/** Whether an error says no more than that the stream was destroyed here. */
function isOwnEnd(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR');
}
