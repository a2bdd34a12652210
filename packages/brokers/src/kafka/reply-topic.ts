import { MessagingError } from '@fhir-messaging/core';
import { report } from '../consume/consume.ts';
import { wait } from '../consume/wait.ts';
import type { ReplyLine } from '../exchange/broker-transport.ts';
import { takeReply } from '../exchange/take-reply.ts';
import { waitingReplies } from '../exchange/waiting-replies.ts';
import { followTopics } from './follow/follow-topics.ts';
import type { KafkaConsumerFactory } from './kafka-client.ts';

/** Where replies come in. */
export interface ReplyTopicOptions {
  /** The topic may be shared: replies for others are ignored. Its records may go as soon as nobody waits for them any more. */
  readonly topic: string;
  /** Makes the consumer; without a `groupId` of its own, so that every process reads every reply. */
  readonly consumer: KafkaConsumerFactory;
  /**
   * Takes replies that nobody waits for here, such as those of asynchronous sends: `(reply) => messenger.accept(reply)`. On a shared topic most are for
   * others. A failure is tried again, up to 20 times, while the replies behind wait. @defaultValue they are ignored
   */
  readonly onReply?: ((reply: Uint8Array<ArrayBuffer>) => unknown) | undefined;
  /** Is told of errors that are being repaired, and of those that `onReply` threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A reply topic that is listened to. */
export interface ReplyTopic extends ReplyLine {
  close(): Promise<void>;
}

/** Listens for replies from now on; those that come while the connection is lost are read once it is back. */
export function replyTopic({ consumer, topic, onReply, onError }: ReplyTopicOptions): ReplyTopic {
  const waiting = waitingReplies();
  const following = followTopics({
    consumer,
    groupId: `fhir-replies-${crypto.randomUUID()}`,
    topics: [topic],
    from: 'latest',
    graceMs: 1000,
    capacity: 256,
    // A reply is not committed once its partition, whose signal this is, is no longer ours.
    async handle({ value }, { signal, hold }) {
      if (value !== undefined) await takeReply(value, { waiting, onReply: onReply && ((reply) => onReply(Uint8Array.from(reply))), onError, hold, isOver: () => signal.aborted });
    },
    wait,
    random: Math.random,
    onError: (error) => report(error, { onError }),
    onLost: () => undefined,
  });
  let isClosed = false;
  return {
    waiting,
    async ready() {
      await following.ready;
      if (isClosed) {
        throw new MessagingError('closed', 'The transport was closed before the message was sent.', { delivery: 'no' });
      }
      return topic;
    },
    async close() {
      isClosed = true;
      waiting.close(new MessagingError('closed', 'The transport was closed before the reply came.', { delivery: 'unknown' }));
      await following.close();
    },
  };
}
