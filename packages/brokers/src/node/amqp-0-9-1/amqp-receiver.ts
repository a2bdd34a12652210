import type { Receiver } from '@fhir-messaging/receiver';
import { report } from '../../consume/consume.ts';
import { consumerWork } from '../../consume/consumer-work.ts';
import type { Delivery } from '../../consume/delivery.ts';
import { inOrder } from '../../consume/in-order.ts';
import { retryDelays } from '../../consume/retry-delay.ts';
import { wait } from '../../consume/wait.ts';
import { workOn } from '../../consume/work-on.ts';
import type { QueueLine, WorkOptions } from '../../consume/work-on.ts';
import { withConfirmLimit } from '../../exchange/confirm-limit.ts';
import { claimed, readClaims } from '../../mapping/property-table.ts';
import { acknowledge, giveBack } from './acknowledgement.ts';
import { bodyBytes } from './body-bytes.ts';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { envelopeOf } from './envelope.ts';
import { amqpTable } from './property-table.ts';
import { deadLetterQueue, retryQueue } from './queues.ts';
import type { RabbitConnection, RabbitEnvelope, RabbitMessage } from './rabbit-connection.ts';

/** How a queue is received from. */
export interface AmqpReceiverOptions<TContext = undefined> extends WorkOptions<TContext> {
  /** The queue; it and its retry and dead-letter queues are there already ({@link declareQueues}). */
  readonly queue: string;
  /** How many messages are worked on at once. @defaultValue 20 */
  readonly prefetch?: number | undefined;
  /**
   * `strict` works on messages of one ordering key one after the other, and holds the key while one is tried again; a dead letter lets it go
   * on. It needs one consumer at a time (`singleActiveConsumer`). `relaxed` lets what is tried again wait in a queue beside, and be overtaken.
   * @defaultValue 'relaxed'
   */
  readonly order?: 'strict' | 'relaxed' | undefined;
  /** How long the broker may take to confirm a reply or a dead letter, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** How long running handlers get when this is closed, before their signal aborts, in milliseconds. @defaultValue 10_000 */
  readonly closeWithinMs?: number | undefined;
}

/** A queue that is being received from. */
export interface AmqpConsumption {
  /**
   * Takes no further messages, and resolves when those that are being worked on are done or given back: within `closeWithinMs` and `confirmTimeoutMs` and a second,
   * whatever handlers and broker do. The receiver and the connection stay open.
   */
  close(): Promise<void>;
}

/**
 * Receives messages by AMQP 0-9-1, through a connection of `rabbitmq-client`, from now on until it is closed.
 *
 * A message is acknowledged when its outcome is stored by the receiver's cache and its reply confirmed, or its dead letter, in `<queue>.dead`,
 * with the body and the properties that it came with and the reason in `fhir-error-outcome`. Until then the broker keeps it, and hands it over again where this
 * process ends; the cache recognises it then.
 *
 * @throws {TypeError} when `retryDelaysMs` is empty.
 * @example amqpReceiver(connection, receiver, { queue: 'referrals', replyTargets: ['fhir.replies.*'] })
 */
export function amqpReceiver<TContext>(connection: RabbitConnection, receiver: Receiver<TContext, unknown>, options: AmqpReceiverOptions<TContext>): AmqpConsumption {
  const { queue, prefetch = 20, order = 'relaxed', confirmTimeoutMs = 10_000, closeWithinMs = 10_000 } = options;
  retryDelays(options.retryDelaysMs);
  const publisher = confirmedPublisher(connection);
  // Closing waits for what is to be confirmed, which has a limit of its own.
  const { signal } = new AbortController();
  const write: Write = (queue, envelope, bytes) => withConfirmLimit(confirmTimeoutMs, signal, publisher.publishing({ exchange: '', routingKey: queue }, envelope, bytes));
  const working = consumerWork({ closeWithinMs, confirmTimeoutMs });
  const ordered = inOrder();

  async function take(message: RabbitMessage): Promise<number> {
    const claims = readClaims(message, message.headers ?? {}, amqpTable);
    const delivery: Delivery = { bytes: bodyBytes(message.body), claims, attempt: attemptOf(message), signal: working.signal };
    const line = lineOf(message, queue, write, order === 'relaxed');
    const work = (): Promise<'acknowledge' | 'return'> => workOn(delivery, receiver, line, options);
    const end = await working.run(() => (order === 'strict' ? ordered.run(claimed(claims, 'orderingKey'), work) : work()));
    return end === 'acknowledge' ? acknowledge : giveBack;
  }

  const consumer = connection.createConsumer({ queue, concurrency: prefetch, qos: { prefetchCount: prefetch }, queueOptions: { passive: true } }, take);
  consumer.on('error', (error) => report(error, options));
  return {
    close: () =>
      working.close(async () => {
        await consumer.close();
        await publisher.close();
      }),
  };
}

const attemptHeader = 'fhir-attempt';

function attemptOf({ headers }: RabbitMessage): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && attempt >= 1 ? attempt : 1;
}

type Write = (queue: string, envelope: RabbitEnvelope, bytes: Uint8Array) => Promise<void>;

function lineOf(message: RabbitMessage, queue: string, write: Write, isRelaxed: boolean): QueueLine {
  const copy = (target: string, bytes: Uint8Array, headers: Record<string, unknown>): Promise<void> =>
    write(target, { ...fieldsOf(message), headers: { ...ownHeaders(message), ...headers } }, bytes);
  return {
    wait,
    publishReply: ({ target, bytes, properties }) => write(target, envelopeOf(properties), bytes),
    publishDead: ({ bytes, attempt }, outcome) =>
      copy(deadLetterQueue(queue), bytes, { 'fhir-error-outcome': outcome, 'fhir-error-attempts': attempt, 'fhir-error-queue': queue }),
    publishAgain: isRelaxed ? ({ bytes, attempt }, delayMs) => copy(retryQueue(queue, delayMs), bytes, { [attemptHeader]: attempt + 1 }) : undefined,
  };
}

function fieldsOf({ contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp, appId }: RabbitMessage): RabbitEnvelope {
  const fields = { contentType, contentEncoding, messageId, correlationId, type, replyTo, timestamp, appId };
  return { ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)), durable: true };
}

/**
 * What is of a delivery's way alone: what the broker writes itself, the count of attempts, which begins anew where a dead letter is put back, and
 * where else it was routed to.
 */
const passing = /^(x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count)|fhir-attempt|CC)$/;

/** The headers that somebody wrote. */
function ownHeaders({ headers = {} }: RabbitMessage): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.test(name)));
}
