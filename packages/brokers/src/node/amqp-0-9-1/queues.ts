import { retryDelays } from '../../consume/retry-delay.ts';
import type { RabbitConnection, RabbitQueue } from './rabbit-connection.ts';

/** The queues of one receiver. */
export interface QueueOptions {
  /** The queue of messages to receive. Dead letters go to `<queue>.dead`; messages to be tried again wait in `<queue>.retry.<ms>`. */
  readonly queue: string;
  /** `quorum` is replicated, counts deliveries, and needs RabbitMQ 3.10; `classic` is durable on one node. @defaultValue 'quorum' */
  readonly type?: 'quorum' | 'classic' | undefined;
  /** How often a quorum queue hands over a message that is never acknowledged, as one that kills its consumer, before it is a dead letter. @defaultValue 20 */
  readonly deliveryLimit?: number | undefined;
  /** The waits between attempts; each has a queue. @defaultValue [1_000, 10_000, 60_000] */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Whether the broker hands messages to one consumer at a time, while others stand by; `strict` order needs it. @defaultValue false */
  readonly singleActiveConsumer?: boolean | undefined;
}

/** The queue of a queue's dead letters. */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/** The queue where messages wait for their next attempt. */
export function retryQueue(queue: string, delayMs: number): string {
  return `${queue}.retry.${delayMs}`;
}

/**
 * Declares a receiver's queues: its own, that of its dead letters, and one for each wait; all durable. Queues that are there already stay; the broker
 * fails for one that was declared otherwise.
 *
 * @throws {TypeError} when `retryDelaysMs` is empty.
 * @example await declareQueues(connection, { queue: 'referrals' });
 */
export async function declareQueues(connection: RabbitConnection, options: QueueOptions): Promise<void> {
  for (const queue of queuesOf(options)) await connection.queueDeclare(queue);
}

function queuesOf({ queue, type = 'quorum', deliveryLimit = 20, retryDelaysMs, singleActiveConsumer = false }: QueueOptions): readonly RabbitQueue[] {
  const dead = deadLetterQueue(queue);
  const limit = type === 'quorum' ? { 'x-delivery-limit': deliveryLimit } : undefined;
  const single = singleActiveConsumer ? { 'x-single-active-consumer': true } : undefined;
  const declared = (name: string, given: Record<string, string | number | boolean>): RabbitQueue => ({ queue: name, durable: true, arguments: { 'x-queue-type': type, ...given } });
  return [
    declared(dead, {}),
    ...retryDelays(retryDelaysMs).map((delayMs) => declared(retryQueue(queue, delayMs), { 'x-message-ttl': delayMs, ...deadLettersTo(queue, type) })),
    declared(queue, { ...deadLettersTo(dead, type), ...limit, ...single }),
  ];
}

/** Where the broker moves messages on. A quorum queue would forget those that it moves while the other queue is away, as in an election, or at the broker's start. */
function deadLettersTo(queue: string, type: 'quorum' | 'classic'): Record<string, string> {
  // RabbitMQ asks for the overflow beside the strategy; without a limit of its length, a queue refuses nothing by it.
  const surely = type === 'quorum' ? { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' } : undefined;
  return { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue, ...surely };
}
