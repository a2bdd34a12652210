import type { KafkaConsumer } from '../kafka-client.ts';
import type { Lane } from './lane.ts';

/** Commits how far lanes are, one commit at a time. */
export interface ProgressCommitter {
  /** Commits what is done and not committed, if nobody does so already. */
  commit(): void;
  /** Resolves when what was done is committed, or cannot be. */
  settled(): Promise<void>;
}

/**
 * Commits for one generation of a group, and never for another: the partitions may be somebody else's by then.
 *
 * @param isOver - whether the generation ended.
 */
export function progressCommitter(consumer: KafkaConsumer, lanes: readonly Lane[], isOver: () => boolean, onError: (error: unknown) => void): ProgressCommitter {
  const { generationId } = consumer;
  const committed = new Map(lanes.map((lane) => [lane, lane.done]));
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
    }
  };
  return {
    commit() {
      if (isBusy) return;
      isBusy = true;
      running = commitAll().catch((error: unknown) => {
        if (!isOver()) onError(error);
      });
    },
    settled: () => running,
  };
}
