import { MessagingError } from '@fhir-messaging/core';
import type { MessageInput } from '@fhir-messaging/core';
import { waitingReplies } from '../exchange/waiting-replies.ts';
import type { WaitingReplies } from '../exchange/waiting-replies.ts';
import { followTopics } from './follow/follow-topics.ts';
import type { KafkaConsumerFactory } from './kafka-client.ts';
import { requirePlatform } from './require-platform.ts';
import { wait } from './wait.ts';

/** Where replies come in. */
export interface KafkaRepliesOptions {
  /** Makes the consumer; without a `groupId` of its own, so that every process reads every reply. */
  readonly consumer: KafkaConsumerFactory;
  readonly topic: string;
  /** Takes replies that no send here waits for: late ones, and those of asynchronous exchanges; `messenger.accept`. On a shared topic most are for others. @defaultValue they are ignored */
  readonly accept?: ((reply: MessageInput) => Promise<unknown>) | undefined;
  /** Is told of what went wrong and is being repaired, and of what `accept` threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A reply topic that is listened to. */
export interface KafkaReplies {
  readonly topic: string;
  readonly waiting: WaitingReplies;
  /** Stops listening; sends that still wait reject with `closed`, `delivery: 'yes'`. */
  close(): Promise<void>;
}

/**
 * Listens for replies, from now on: to be awaited before the first request is sent.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.22.
 * @example const replies = await kafkaReplies({ topic: 'app.replies', consumer: (settings) => new Consumer({ ...settings, clientId, bootstrapBrokers }) });
 */
export async function kafkaReplies({ consumer, topic, accept, onError = () => undefined }: KafkaRepliesOptions): Promise<KafkaReplies> {
  requirePlatform();
  const waiting = waitingReplies();
  const following = followTopics({
    consumer,
    groupId: `fhir-replies-${crypto.randomUUID()}`,
    topics: [topic],
    from: 'latest',
    graceMs: 1000,
    capacity: 256,
    async handle({ value }) {
      if (value === undefined || waiting.take(value)) return;
      await accept?.(Uint8Array.from(value)).catch(onError);
    },
    wait,
    random: Math.random,
    onError,
    onLost: () => undefined,
  });
  await following.ready;
  return {
    topic,
    waiting,
    async close() {
      await following.close();
      waiting.close(new MessagingError('closed', 'Replies are not listened for any more.', { delivery: 'yes' }));
    },
  };
}
