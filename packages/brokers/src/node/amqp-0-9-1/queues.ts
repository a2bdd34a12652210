import { retryDelays } from '../../consume/retry-delay.ts';
import type { RabbitConnection, RabbitQueue } from './rabbit-connection.ts';

/** The queues of one receiver. */
export interface QueueOptions {
  /** Where messages are received. Its dead letters are in `<queue>.dead`, what is to be tried again waits in `<queue>.retry.<ms>`. */
  readonly queue: string;
  /** `quorum` is replicated and counts deliveries; `classic` is durable on one node. @defaultValue 'quorum' */
  readonly type?: 'quorum' | 'classic' | undefined;
  /** How often a quorum queue hands over a message that is never acknowledged, since it kills who works on it, before it is a dead letter. @defaultValue 20 */
  readonly deliveryLimit?: number | undefined;
  /** The waits between attempts; each has a queue. @defaultValue [1_000, 10_000, 60_000] */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Whether the broker hands messages to one consumer at a time, the others standing by: what order needs. @defaultValue false */
  readonly singleActiveConsumer?: boolean | undefined;
}

/** Where a queue's dead letters are. */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/** Where what is to be tried again after a time waits. */
export function retryQueue(queue: string, delayMs: number): string {
  return `${queue}.retry.${delayMs}`;
}

/**
 * Declares what a receiver needs: its queue, the queue of its dead letters, and one for each wait; all durable. What is there already in the same way
 * stays; queues that are there in another way are an error of the broker's.
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
    ...retryDelays(retryDelaysMs).map((delayMs) => declared(retryQueue(queue, delayMs), { 'x-message-ttl': delayMs, ...deadLettersTo(queue) })),
    declared(queue, { ...deadLettersTo(dead), ...limit, ...single }),
  ];
}

function deadLettersTo(queue: string): Record<string, string> {
  return { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue };
}
