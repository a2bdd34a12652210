import { tell } from '@fhir-messaging/core';
import type { Receiver } from '@fhir-messaging/receiver';
import { report } from '../consume/report.ts';
import { retryDelays } from '../consume/retry-delay.ts';
import { wait as waitByTimer } from '../consume/wait.ts';
import { workOn } from '../consume/work-on.ts';
import type { WorkOptions } from '../consume/work-on.ts';
import { claimed } from '../mapping/property-table.ts';
import type { Claim } from '../mapping/property-table.ts';
import { followTopics } from './follow/follow-topics.ts';
import type { Following } from './follow/follow-topics.ts';
import type { LaneWork } from './follow/lane.ts';
import type { Lost, StartFrom } from './follow/start-positions.ts';
import type { KafkaConsumerFactory, KafkaProducer, KafkaRecord } from './kafka-client.ts';
import { kafkaLine } from './kafka-line.ts';
import type { KafkaGap, KafkaLineOptions } from './kafka-line.ts';
import { claimsOf } from './kafka-table.ts';
import { requirePlatform } from './require-platform.ts';
import { attemptOf, notBeforeMs, retryTopic } from './retry-topic.ts';

/** How messages come out of Kafka. */
export interface KafkaReceiverOptions<TContext = undefined> extends WorkOptions<TContext> {
  /** Makes a member of the group that the messages are shared out among. */
  readonly consumer: KafkaConsumerFactory;
  /** Writes replies, dead letters and retries. */
  readonly producer: KafkaProducer;
  readonly topic: string;
  /**
   * Gives the message in a record whose value is not simply the message; such as `messageOfTopic`. An error makes the record a dead letter.
   * @defaultValue the value
   */
  readonly read?: ((record: KafkaRecord) => Uint8Array | Promise<Uint8Array>) | undefined;
  /** Where the reply to a message goes whose headers name no target; it has to be among `replyTargets` too. @defaultValue nowhere */
  readonly replyTopic?: string | undefined;
  /**
   * What becomes of the messages behind one that comes to no outcome. `strict`: its partition waits, and the order of every key is kept, but for dead
   * letters (`onGap`). `relaxed`: the message waits in a topic beside, `<topic>.retry.<delay>`, and is overtaken; where it is too large for that, it is
   * a dead letter. @defaultValue 'strict'
   */
  readonly order?: 'strict' | 'relaxed' | undefined;
  /** How often a message that comes to no outcome is tried before it is a dead letter. @defaultValue strict: for ever; relaxed: 10 */
  readonly maxAttempts?: number | undefined;
  /** Its `max.message.bytes` has to be larger than that of the topic, for the reason to fit in. @defaultValue `<topic>.dead` */
  readonly deadLetterTopic?: string | undefined;
  /** Where a group without a commit begins. @defaultValue 'earliest' */
  readonly from?: StartFrom | undefined;
  /** How long a handler may go on after its partition went to another member, or `close`, before its signal aborts, in milliseconds. @defaultValue 10_000 */
  readonly closeWithinMs?: number | undefined;
  /** How many messages of each partition wait in memory. @defaultValue 64 */
  readonly capacity?: number | undefined;
  /** How long the broker may take to confirm a reply, a dead letter or a retry, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** Is told of every message that its partition goes on without: a dead letter, or those that a member finds deleted before they were read when it joins (`broker.retention`). What it throws, or rejects with, is ignored. */
  readonly onGap?: ((gap: KafkaGap) => void) | undefined;
  /** Waits, and ends early where the signal aborts; for tests. */
  readonly wait?: ((delayMs: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** A number in [0, 1) that the waits between connections are drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
}

/** A topic that is being received from. */
export type KafkaConsumption = Following;

/**
 * Receives messages from a Kafka topic as a member of a consumer group, from now on until it is closed: the messages of a partition one after the
 * other, partitions side by side.
 *
 * An offset is committed only when each message before it has its outcome stored by the receiver's cache and its reply confirmed, or is confirmed
 * as a dead letter or a retry. Receiving stops where a dead letter cannot be written: `ended` rejects, and the message is not committed. A message may
 * come again; the cache recognises it. When partitions are dealt out anew nothing more begins, running handlers have `closeWithinMs` before their
 * signal aborts, and nothing is committed under the old generation.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.22. @throws {TypeError} when `retryDelaysMs` is empty.
 * @example kafkaReceiver(receiver, { topic: 'referrals', producer, consumer: (settings) => new Consumer({ ...settings, groupId: 'ward', clientId, bootstrapBrokers }) })
 */
export function kafkaReceiver<TContext>(receiver: Receiver<TContext, unknown>, options: KafkaReceiverOptions<TContext>): KafkaConsumption {
  requirePlatform();
  const retryDelaysMs = retryDelays(options.retryDelaysMs);
  const { topic, producer, order = 'strict', deadLetterTopic = `${topic}.dead`, confirmTimeoutMs = 10_000 } = options;
  const { wait = waitByTimer, random = Math.random, now = Date.now } = options;
  const isRelaxed = order === 'relaxed';
  const maxAttempts = options.maxAttempts ?? (isRelaxed ? 10 : Number.POSITIVE_INFINITY);
  const onError = (error: unknown): void => report(error, options);
  const onGap = (gap: KafkaGap): void => tell([options.onGap], gap);
  const lineOptions: KafkaLineOptions = { producer, topic, deadLetterTopic, confirmTimeoutMs, isRelaxed, now, onGap };

  async function handle(record: KafkaRecord, { signal, hold }: LaneWork): Promise<void> {
    // Headers about retries count in our own retry topics alone: elsewhere the message's sender wrote them.
    const isRetry = record.topic !== topic;
    const earlyMs = isRetry ? Math.min(notBeforeMs(record) - now(), Math.max(...retryDelaysMs)) : 0;
    if (earlyMs > 0) await hold(earlyMs);
    const line = kafkaLine(record, { hold }, lineOptions);
    const delivery = { bytes: await bytesOf(record, options), claims: claimsWith(options.replyTopic, record), attempt: isRetry ? attemptOf(record) : 1, signal };
    const end = await workOn(delivery, receiver, line, options, maxAttempts);
    if (end === 'return' && !signal.aborted) {
      throw new Error('A reply or a retry could not be written.');
    }
  }
  return followTopics({
    consumer: options.consumer,
    groupId: topic,
    topics: [topic, ...(isRelaxed ? [...new Set(retryDelaysMs)].map((delayMs) => retryTopic(topic, delayMs)) : [])],
    from: options.from ?? 'earliest',
    graceMs: options.closeWithinMs ?? 10_000,
    capacity: options.capacity ?? 64,
    handle,
    wait,
    random,
    onError,
    onLost: (lost) => onGap(gapOf(lost)),
  });
}

/** The message in a record; no bytes where `read` fails, which the receiver refuses too. */
async function bytesOf(record: KafkaRecord, { read, onError }: Pick<KafkaReceiverOptions, 'read' | 'onError'>): Promise<Uint8Array> {
  const value = record.value ?? new Uint8Array();
  try {
    return read === undefined ? value : await read(record);
  } catch (error) {
    report(error, { onError });
    return new Uint8Array();
  }
}

function claimsWith(replyTopic: string | undefined, record: KafkaRecord): readonly Claim[] {
  const claims = claimsOf(record);
  return replyTopic === undefined || claimed(claims, 'replyTarget') !== undefined ? claims : [...claims, { property: 'replyTarget', name: 'replyTopic', value: replyTopic }];
}

function gapOf({ position, earliest }: Lost): KafkaGap {
  const diagnostics = `${earliest - position.offset} messages were deleted before they were read.`;
  return { ...position, key: undefined, issues: [{ severity: 'error', code: 'deleted', rule: 'broker.retention', diagnostics }] };
}
