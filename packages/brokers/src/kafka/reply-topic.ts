import { MessagingError } from '@fhir-messaging/core';
import { report } from '../consume/report.ts';
import { wait } from '../consume/wait.ts';
import type { ReplyLine } from '../exchange/broker-transport.ts';
import { takeReply } from '../exchange/take-reply.ts';
import { waitingReplies } from '../exchange/waiting-replies.ts';
import { withResolvers } from '../exchange/with-resolvers.ts';
import { followTopics } from './follow/follow-topics.ts';
import type { HandleRecord } from './follow/lane.ts';
import type { KafkaConsumerFactory } from './kafka-client.ts';

/** Where replies come in. */
export interface ReplyTopicOptions {
  /** The topic may be shared: replies for others are ignored. Its records may go as soon as nobody waits for them any more. */
  readonly topic: string;
  /** Makes the consumer; without a `groupId` of its own, so that every process reads every reply. */
  readonly consumer: KafkaConsumerFactory;
  /**
   * Takes replies that nobody waits for here, such as those of asynchronous sends: `(reply) => messenger.accept(reply)`. On a shared topic most are for
   * others. Where it fails, it is asked again, up to 20 times, and for as long as this process lives: up to 256 such replies keep none behind them
   * waiting, which somebody may wait for; more hold their partition. @defaultValue they are ignored
   */
  readonly onReply?: ((reply: Uint8Array<ArrayBuffer>) => unknown) | undefined;
  /** Is told of errors that are being repaired, and of those that `onReply` threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A reply topic that is listened to. */
export interface ReplyTopic extends ReplyLine {
  close(): Promise<void>;
}

/** How many replies that `onReply` failed at wait for their next try while those behind them go on; past this, their partition waits with them. */
const maxBeside = 256;

/**
 * By the client's own times no reply would come for a minute after a lost connection; brokers take no shorter ones unless they are told to. Without
 * `rebalanceTimeout`, than which the client takes no longer `sessionTimeout`: the application may have a longer one.
 */
const times = { sessionTimeout: 6000, heartbeatInterval: 1000, heartbeatStallTimeout: 6000 };

/** Listens for replies from now on; those that come while the connection is lost are read once it is back. */
export function replyTopic({ consumer, topic, onReply, onError }: ReplyTopicOptions): ReplyTopic {
  const waiting = waitingReplies();
  const closing = new AbortController();
  let beside = 0;
  let obstacle: unknown;

  const handle: HandleRecord = async ({ value }, { signal, hold }) => {
    if (value === undefined) return;
    const { promise: othersGoOn, resolve: letOthersGoOn } = withResolvers<void>();
    let isBeside = false;
    const taking = takeReply(value, {
      waiting,
      onReply: onReply && ((reply) => onReply(Uint8Array.from(reply))),
      onError,
      async hold(delayMs) {
        // What ends with its partition is read again: it is not to be tried beside that as well.
        if (!isBeside && !signal.aborted && beside < maxBeside) {
          isBeside = true;
          beside += 1;
          letOthersGoOn();
        }
        await (isBeside ? wait(delayMs, closing.signal) : hold(delayMs));
      },
      isOver: () => closing.signal.aborted || (!isBeside && signal.aborted),
    });
    const taken = taking.finally(() => {
      if (isBeside) beside -= 1;
    });
    await Promise.race([taken, othersGoOn]);
  };
  const following = followTopics({
    consumer,
    groupId: `fhir-replies-${crypto.randomUUID()}`,
    topics: [topic],
    times,
    from: 'latest',
    graceMs: 1000,
    capacity: 256,
    handle,
    wait,
    random: Math.random,
    onError(error) {
      obstacle = error;
      report(error, { onError });
    },
    onLost: () => undefined,
  });
  let isClosed = false;
  return {
    waiting,
    obstacle: () => obstacle,
    async ready() {
      await following.ready;
      if (isClosed) {
        throw new MessagingError('closed', 'The transport was closed before the message was sent.', { delivery: 'no' });
      }
      return topic;
    },
    async close() {
      isClosed = true;
      closing.abort();
      waiting.close(new MessagingError('closed', 'The transport was closed before the reply came.', { delivery: 'unknown' }));
      await following.close();
    },
  };
}
