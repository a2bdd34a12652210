import type { KafkaAssignment, KafkaConsumer, KafkaPosition } from '../kafka-client.ts';

/** Where a group without a commit begins. */
export type StartFrom = 'earliest' | 'latest';

/** Records that were deleted before the group read them. */
export interface Lost {
  readonly position: KafkaPosition;
  /** The first one that is still there. */
  readonly earliest: bigint;
}

/** Kafka's own numbers for the ends of a partition. */
const ends: Readonly<Record<StartFrom, bigint>> = { earliest: -2n, latest: -1n };

/**
 * Where a member of a group goes on: where the group has committed, but not before the first record that is left.
 *
 * A beginning at the end is committed at once: a member that takes over before anything is done must not begin at a later end.
 */
export async function startPositions(consumer: KafkaConsumer, assignments: KafkaAssignment[], from: StartFrom): Promise<{ readonly positions: KafkaPosition[]; readonly lost: readonly Lost[] }> {
  if (assignments.length === 0) {
    return { positions: [], lost: [] };
  }
  const topics = assignments.map(({ topic }) => topic);
  const partitions = Object.fromEntries(assignments.map((assignment) => [assignment.topic, assignment.partitions]));
  const committed = await consumer.listCommittedOffsets({ topics: assignments });
  const earliest = await consumer.listOffsets({ topics, partitions, timestamp: ends.earliest });
  const first = from === 'earliest' ? earliest : await consumer.listOffsets({ topics, partitions, timestamp: ends[from] });
  const lost: Lost[] = [];
  const positions = assignments.flatMap(({ topic, partitions: ours }) =>
    ours.map((partition): KafkaPosition => {
      const known = committed.get(topic)?.[partition] ?? -1n;
      const least = earliest.get(topic)?.[partition] ?? 0n;
      if (known >= 0n && known < least) {
        lost.push({ position: { topic, partition, offset: known }, earliest: least });
      }
      return { topic, partition, offset: known < 0n ? (first.get(topic)?.[partition] ?? least) : known < least ? least : known };
    }),
  );
  const fresh = positions.filter(({ topic, partition }) => (committed.get(topic)?.[partition] ?? -1n) < 0n);
  if (from === 'latest' && fresh.length > 0) {
    await consumer.commit({ offsets: fresh.map((position) => ({ ...position, leaderEpoch: -1 })) });
  }
  return { positions, lost };
}
