import { MessagingError, onAbort, retryDelayMs } from '@fhir-messaging/core';
import { withResolvers } from '../../exchange/with-resolvers.ts';
import { noTopic, reasonsIn } from '../error-reasons.ts';
import type { KafkaConsumer, KafkaConsumerFactory, KafkaConsumerSettings } from '../kafka-client.ts';
import { startGeneration } from './generation.ts';
import type { Generation, GenerationOptions } from './generation.ts';
import { startPositions } from './start-positions.ts';
import type { Lost, StartFrom } from './start-positions.ts';

/** The topics to follow, and how. */
export interface FollowOptions extends Omit<GenerationOptions, 'onError'> {
  readonly consumer: KafkaConsumerFactory;
  /** The group, unless the factory names another. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** How long the group waits for its members, where the group is ours. */
  readonly times?: Omit<KafkaConsumerSettings, 'autocommit' | 'retries' | 'groupId'>;
  readonly from: StartFrom;
  readonly random: () => number;
  /** Is told of errors that joining again repairs. */
  readonly onError: (error: unknown) => void;
  readonly onLost: (lost: Lost) => void;
}

/** Topics that are being followed. */
export interface Following {
  /** Resolves when partitions were dealt out for the first time. */
  readonly ready: Promise<void>;
  /** Resolves when the following was closed; rejects with the error that ended it for good. */
  readonly ended: Promise<void>;
  /** Leaves the group, and resolves when that is done; it never rejects. Producer and receiver stay open. */
  close(): Promise<void>;
}

/** Thrown by a handler, it ends the following for good: no record behind is touched. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

/**
 * Follows topics as a member of a consumer group, until it is closed or a handler gives up.
 *
 * After a lost connection or membership it joins again with a new consumer, and goes on where the group has committed.
 */
export function followTopics(options: FollowOptions): Following {
  const { wait, random, onError } = options;
  const closing = new AbortController();
  const { promise: dealtOut, resolve: setDealtOut } = withResolvers<void>();
  let failures = 0;
  const onJoined = (): void => {
    failures = 0;
    setDealtOut();
  };
  const follow = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await beMember(options, closing.signal, onJoined);
      } catch (error) {
        if (error instanceof GiveUp) throw error.cause;
        onError(error instanceof MessagingError ? error : lossOf(error, options.topics));
        failures += 1;
        await wait(retryDelayMs(failures, undefined, { initialDelayMs: 200, maxDelayMs: 5000 }, random), closing.signal);
      }
    }
  };
  const ended = follow();
  ended.catch(() => undefined);
  return {
    ready: Promise.race([dealtOut, ended]),
    ended,
    async close() {
      closing.abort();
      await ended.catch(() => undefined);
    },
  };
}

function lossOf(cause: unknown, topics: readonly string[]): MessagingError {
  const isMissing = reasonsIn(cause).every((reason) => noTopic.has(reason));
  const why = isMissing ? `There is no such topic, or none that may be read, as one of ${topics.join(', ')}` : 'Kafka is out of reach, or the group was lost';
  return new MessagingError('transport.failed', `${why}: the group is joined again.`, { cause });
}

function makeConsumer({ consumer, groupId, times }: FollowOptions): KafkaConsumer {
  try {
    return consumer({ autocommit: false, retries: 0, groupId, ...times });
  } catch (cause) {
    throw new MessagingError('transport.failed', 'The consumer could not be made: that is tried again.', { cause });
  }
}

/** One membership, from joining to leaving. @throws the error that ended it, if it was not the closing. */
async function beMember(options: FollowOptions, closing: AbortSignal, onJoined: () => void): Promise<void> {
  const consumer = makeConsumer(options);
  const over = new AbortController();
  const end = (reason: unknown): void => over.abort(reason);
  const stopListening = onAbort(closing, () => over.abort(left));
  let generation: Generation | undefined;
  let turn = Promise.resolve();
  /** Runs steps one after the other: a generation begins when the one before has ended. */
  const queue = (step: () => Promise<void>): void => {
    turn = turn.then(step).catch(end);
  };
  /** The latest dealing out of partitions: a generation of an earlier one is over before it began. */
  let round = 0;
  const isOver = (ofRound: number): boolean => ofRound !== round || over.signal.aborted;
  const revoke = async (): Promise<void> => {
    round += 1;
    const current = generation;
    generation = undefined;
    await current?.revoke();
  };

  consumer.on('error', end);
  consumer.on('consumer:heartbeat:stalled', () => end(new Error('No heartbeat reaches the group.')));
  consumer.on('consumer:group:rebalance', () => {
    const revoking = revoke();
    queue(() => revoking);
  });
  consumer.on('consumer:group:join', ({ assignments = [] }) => {
    const revoking = revoke();
    const ofRound = round;
    queue(async () => {
      await revoking;
      if (isOver(ofRound)) return;
      const { positions, lost } = await startPositions(consumer, assignments, options.from);
      if (isOver(ofRound)) return;
      for (const each of lost) options.onLost(each);
      generation = startGeneration(consumer, positions, { ...options, onError: end });
      onJoined();
    });
  });
  for (const topic of options.topics) consumer.topics.track(topic);
  try {
    await Promise.race([consumer.joinGroup(), aborted(over.signal)]);
    await aborted(over.signal);
  } catch (error) {
    end(error);
  }
  await turn;
  stopListening();
  const reason: unknown = over.signal.reason;
  await (reason === left ? generation?.finish() : revoke());
  await closeQuietly(consumer);
  if (reason !== left) throw reason;
}

/** The abort reason of a member that leaves of its own accord. */
const left = Symbol('left');

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Leaves the group and closes; where it cannot leave, the group drops the member after its session timeout. */
async function closeQuietly(consumer: KafkaConsumer): Promise<void> {
  // Closing leaves too, but a client that has lost sight of the brokers does not look for them when it closes.
  await consumer.leaveGroup(true).catch(() => undefined);
  await consumer.close(true).catch(() => undefined);
}
