/** A record to be written. */
export interface KafkaOutgoingRecord {
  readonly topic: string;
  readonly key?: Uint8Array;
  readonly value: Uint8Array;
  readonly headers: Map<Uint8Array, Uint8Array>;
}

/** A producer's request. Its optional members are always there: they are optional so that the client's own types fit. */
export interface KafkaSending {
  messages: { topic: string; key?: Uint8Array; value?: Uint8Array; headers?: Map<Uint8Array, Uint8Array> | Record<string, Uint8Array> }[];
  acks?: number;
  idempotent?: boolean;
}

/** The part of `@platformatic/kafka`'s `Producer` that is used here. Its own retries are the idempotent producer's: they add no record. */
export interface KafkaProducer {
  send(sending: KafkaSending): Promise<unknown>;
}

/** A record that was read. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key?: Uint8Array | undefined;
  /** `undefined` in a tombstone. */
  readonly value?: Uint8Array | undefined;
  readonly headers: ReadonlyMap<Uint8Array, Uint8Array>;
}

/** Partitions that a member of a group reads. */
export interface KafkaAssignment {
  topic: string;
  partitions: number[];
}

/** A position of reading or committing. */
export interface KafkaPosition {
  topic: string;
  partition: number;
  offset: bigint;
}

/** Offsets by topic, and there by partition; -1 where there is none. */
export type KafkaOffsets = ReadonlyMap<string, readonly bigint[]>;

/** Records, as they are fetched. */
export interface KafkaStream extends AsyncIterable<KafkaRecord> {
  destroy(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The part of `@platformatic/kafka`'s `Consumer` that is used here. */
export interface KafkaConsumer {
  readonly generationId: number;
  readonly topics: { track(topic: string): boolean };
  joinGroup(): Promise<string>;
  listCommittedOffsets(options: { topics: KafkaAssignment[] }): Promise<KafkaOffsets>;
  listOffsets(options: { topics: string[]; partitions: Record<string, number[]>; timestamp: bigint }): Promise<KafkaOffsets>;
  consume(options: { topics: string[]; autocommit: false; mode: 'manual'; fallbackMode: 'earliest'; offsets: KafkaPosition[]; highWaterMark: number }): Promise<KafkaStream>;
  commit(options: { offsets: (KafkaPosition & { leaderEpoch: number })[] }): Promise<void>;
  leaveGroup(force: boolean): Promise<void>;
  close(force: boolean): Promise<void>;
  on(event: 'consumer:group:join', listener: (joined: { assignments?: KafkaAssignment[] }) => void): unknown;
  on(event: 'consumer:group:rebalance' | 'consumer:heartbeat:stalled', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * The settings that a consumer has to have, whatever else it gets: it commits and repeats nothing by itself. Otherwise the client would join the group
 * anew and commit, under its new generation, records that it read under the old one.
 */
export interface KafkaConsumerSettings {
  readonly autocommit: false;
  readonly retries: 0;
  /** The group: a receiver's is named like its topic, that of a reply topic is new. Replace a receiver's where the group has a name of yours. */
  readonly groupId: string;
  /** How long the group waits for a lost member, in milliseconds; of a reply topic, whose group is ours. */
  readonly sessionTimeout?: number;
  /** Where you replace it, the client takes none that is longer than `sessionTimeout`. */
  readonly heartbeatInterval?: number;
  /** How long no heartbeat reaches the group before it is joined again. */
  readonly heartbeatStallTimeout?: number;
}

/**
 * Makes a member of a consumer group; it is called again after a lost connection or membership.
 *
 * @example (settings) => new Consumer({ ...settings, clientId: 'ward', groupId: 'ward', bootstrapBrokers: ['kafka:9092'] })
 */
export type KafkaConsumerFactory = (settings: KafkaConsumerSettings) => KafkaConsumer;
