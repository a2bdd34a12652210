import type { KafkaConsumer } from '../kafka-client.ts';
import type { Lane } from './lane.ts';

/** Commits the progress of lanes, one commit at a time. */
export interface ProgressCommitter {
  /** Commits the offsets of done records: at once, or a while after the last commit. */
  commit(): void;
  /** Commits the rest without a pause, and resolves when it is committed, or cannot be. */
  finish(): Promise<void>;
}

/** The pause between commits, since each is a request. A member that takes over works on uncommitted records again, and the cache recognises them. */
const pauseMs = 50;

/**
 * Commits for one generation of a group, and never for another: the partitions may be somebody else's by then.
 *
 * @param isOver - whether the generation ended.
 */
export function progressCommitter(
  consumer: KafkaConsumer,
  lanes: readonly Lane[],
  isOver: () => boolean,
  { wait, onError }: { readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>; readonly onError: (error: unknown) => void },
): ProgressCommitter {
  const { generationId } = consumer;
  const committed = new Map(lanes.map((lane) => [lane, lane.done]));
  const finishing = new AbortController();
  let isBusy = false;
  let running = Promise.resolve();

  const commitAll = async (): Promise<void> => {
    for (;;) {
      const offsets = lanes.filter((lane) => lane.done !== committed.get(lane)).map((lane) => [lane, lane.done] as const);
      if (offsets.length === 0 || isOver() || consumer.generationId !== generationId) {
        isBusy = false;
        return;
      }
      // The epoch of the partition's leader is not known here: -1.
      await consumer.commit({ offsets: offsets.map(([{ topic, partition }, offset]) => ({ topic, partition, offset, leaderEpoch: -1 })) });
      for (const [lane, offset] of offsets) committed.set(lane, offset);
      await wait(pauseMs, finishing.signal);
    }
  };
  const commit = (): void => {
    if (isBusy) return;
    isBusy = true;
    running = commitAll().catch((error: unknown) => {
      if (!isOver()) onError(error);
    });
  };
  return {
    commit,
    finish() {
      finishing.abort();
      commit();
      return running;
    },
  };
}
