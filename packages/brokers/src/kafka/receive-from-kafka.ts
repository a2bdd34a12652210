import type { Receiver } from '@fhir-messaging/receiver';
import { consume } from '../consume/consume.ts';
import type { ConsumeOptions } from '../consume/consume.ts';
import { delayBefore, publish, publishReply, writeDeadLetter } from './carry-out.ts';
import type { CarryingOut, Gap } from './carry-out.ts';
import { followTopics } from './follow/follow-topics.ts';
import type { Following } from './follow/follow-topics.ts';
import type { LaneWork } from './follow/lane.ts';
import type { StartFrom } from './follow/start-positions.ts';
import type { KafkaConsumerFactory, KafkaProducer, KafkaRecord } from './kafka-client.ts';
import { claimsOf } from './kafka-table.ts';
import { requirePlatform } from './require-platform.ts';
import { attemptsBefore, forRetry, notBeforeMs, retryTopics } from './retry-topics.ts';
import { wait as waitByTimer } from './wait.ts';

/** How messages come out of Kafka. */
export interface KafkaReceivingOptions<TContext> extends ConsumeOptions<TContext> {
  /** Makes a member of the group that the messages are shared out among. */
  readonly consumer: KafkaConsumerFactory;
  /** Writes replies, dead letters and retries. */
  readonly producer: KafkaProducer;
  readonly topic: string;
  /**
   * What a message that comes to no outcome does to those behind it. `strict`: its partition waits, and the order of every key is kept, but for
   * what becomes a dead letter (`onGap`). `relaxed`: it goes to a retry topic, and the others go on. @defaultValue 'strict'
   */
  readonly mode?: 'strict' | 'relaxed' | undefined;
  /** How often a message that comes to no outcome is handed over before it is a dead letter. @defaultValue strict: for ever; relaxed: once, and once for each of `retryDelaysMs` */
  readonly maxAttempts?: number | undefined;
  /** In `relaxed` mode, how long a message waits in each retry topic: `<topic>.retry.1` and so on. @defaultValue [1000, 10_000, 60_000] */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** @defaultValue `<topic>.dlq` */
  readonly deadLetterTopic?: string | undefined;
  /** Where a group begins that has committed nothing yet. @defaultValue 'earliest' */
  readonly from?: StartFrom | undefined;
  /** How long a handler may go on when its partition goes to another member, or this is closed, before its signal aborts, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** How many messages of each partition wait in memory. @defaultValue 64 */
  readonly capacity?: number | undefined;
  /** How long the broker may take to confirm a reply, a dead letter or a retry, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** Is told of every message that its partition goes on without: a dead letter, or one that was deleted before it was read (`broker.retention`). What it throws is ignored. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
  /** Lets time pass, earlier where the signal aborts; for tests. */
  readonly wait?: ((delayMs: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** A number in [0, 1) that waits are drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
}

/** A topic that is being received from. */
export type KafkaReceiving = Following;

/**
 * Receives messages from a Kafka topic, as a member of a consumer group: those of a partition one after the other, partitions side by side.
 *
 * An offset is committed only when what came before it has its outcome stored by the receiver's cache and its reply confirmed, or is confirmed
 * as a dead letter. Where a dead letter cannot be written, receiving stops (`ended` rejects) and that message is not committed. A message may
 * come again: the cache answers it. When partitions are dealt out anew, nothing more begins, what runs has `graceMs` and then its signal
 * aborts, and nothing is committed under the old generation.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.22.
 * @example receiveFromKafka(receiver, { topic: 'referrals', producer, consumer: (settings) => new Consumer({ ...settings, groupId: 'ward', clientId, bootstrapBrokers }) })
 */
export function receiveFromKafka<TContext>(receiver: Receiver<TContext, unknown>, options: KafkaReceivingOptions<TContext>): KafkaReceiving;
export function receiveFromKafka(receiver: Receiver<unknown, unknown>, options: KafkaReceivingOptions<unknown>): KafkaReceiving {
  requirePlatform();
  const { topic, mode = 'strict', retryDelaysMs = [1000, 10_000, 60_000], wait = waitByTimer, random = Math.random, now = Date.now } = options;
  const topics = mode === 'relaxed' ? retryTopics(topic, retryDelaysMs.length) : [];
  const maxAttempts = options.maxAttempts ?? (mode === 'strict' ? Number.POSITIVE_INFINITY : retryDelaysMs.length + 1);
  const onGap = quietly(options.onGap);
  const onError = quietly(options.onError);
  const carrying: CarryingOut = { producer: options.producer, deadLetterTopic: options.deadLetterTopic ?? `${topic}.dlq`, confirmTimeoutMs: options.confirmTimeoutMs ?? 10_000, onGap };

  /** One attempt. @returns how long to wait before the next one; `undefined` where there is none here. */
  const attemptOnce = async (record: KafkaRecord, attempt: number, signal: AbortSignal): Promise<number | undefined> => {
    const bytes = record.value ?? new Uint8Array();
    const verdict = await consume({ bytes, claims: claimsOf(record), attempt, signal }, receiver, { ...options, maxAttempts });
    if (signal.aborted) {
      return undefined;
    }
    if (verdict.kind === 'again') {
      const retryTopic = topics[attempt - 1];
      const delayMs = delayBefore(attempt, verdict, random);
      if (retryTopic === undefined) {
        return delayMs;
      }
      await publish(forRetry(record, retryTopic, attempt, now() + Math.max(verdict.afterMs ?? 0, retryDelaysMs[attempt - 1] ?? 0)), carrying);
      return undefined;
    }
    if (verdict.kind === 'dead') {
      await writeDeadLetter(record, verdict, carrying);
    }
    await publishReply(verdict, carrying);
    return undefined;
  };
  const handle = async (record: KafkaRecord, { signal, hold }: LaneWork): Promise<void> => {
    const earlyMs = notBeforeMs(record) - now();
    if (earlyMs > 0) await hold(earlyMs);
    for (let attempt = attemptsBefore(record) + 1; !signal.aborted; attempt += 1) {
      const delayMs = await attemptOnce(record, attempt, signal);
      if (delayMs === undefined) return;
      await hold(delayMs);
    }
  };
  return followTopics({
    consumer: options.consumer,
    groupId: topic,
    topics: [topic, ...topics],
    from: options.from ?? 'earliest',
    graceMs: options.graceMs ?? 5000,
    capacity: options.capacity ?? 64,
    handle,
    wait,
    random,
    onError,
    onLost({ position, earliest }) {
      const diagnostics = `${earliest - position.offset} messages were deleted before they were read.`;
      onGap({ ...position, key: undefined, issues: [{ severity: 'error', code: 'deleted', rule: 'broker.retention', diagnostics }] });
    },
  });
}

/** What the application does wrong when it is told of something is no reason to act otherwise. */
function quietly<T>(tell: ((value: T) => void) | undefined): (value: T) => void {
  return (value) => {
    try {
      tell?.(value);
    } catch {
      // Said above.
    }
  };
}
