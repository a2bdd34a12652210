import { MessagingError, untilAborted } from '@fhir-messaging/core';
import type { Receiver } from '@fhir-messaging/receiver';
import { attemptHeader, attemptIn } from '../../consume/attempt-count.ts';
import { report } from '../../consume/report.ts';
import { consumerWork } from '../../consume/consumer-work.ts';
import type { BrokerDelivery } from '../../consume/broker-delivery.ts';
import { shortestOutcome } from '../../consume/dead-letter-outcome.ts';
import { inOrder } from '../../consume/in-order.ts';
import { retryDelays } from '../../consume/retry-delay.ts';
import { workOn } from '../../consume/work-on.ts';
import type { QueueLine, WorkOptions } from '../../consume/work-on.ts';
import { withConfirmLimit } from '../../exchange/confirm-limit.ts';
import { claimed, readClaims } from '../../mapping/property-table.ts';
import { acknowledge, giveBack } from './acknowledgement.ts';
import { bodyBytes } from './body-bytes.ts';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { copiesOf } from './delivery-copies.ts';
import { deliveryLoss } from './delivery-loss.ts';
import { envelopeOf } from './envelope.ts';
import { firstThatFits } from './first-that-fits.ts';
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
   * `strict` works on messages of one ordering key one after the other, and holds the key while one is tried again; a dead letter lets the key go
   * on. It needs one consumer at a time (`singleActiveConsumer`). `relaxed` lets a message that is tried again wait in a retry queue, and be overtaken.
   * @defaultValue 'relaxed'
   */
  readonly order?: 'strict' | 'relaxed' | undefined;
  /** How long the broker may take to confirm a reply or a dead letter, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** How long running handlers may go on after `close`, before their signal aborts, in milliseconds. @defaultValue 10_000 */
  readonly closeWithinMs?: number | undefined;
}

/** A queue that is being received from. */
export interface AmqpConsumption {
  /**
   * Takes no further messages, and resolves when those that are being worked on are done or given back: within `closeWithinMs`, `confirmTimeoutMs` and
   * a second, whatever handlers and broker do. The receiver and the connection stay open.
   */
  close(): Promise<void>;
}

/**
 * Receives messages by AMQP 0-9-1, through a connection of `rabbitmq-client`, from now on until it is closed.
 *
 * A message is acknowledged when its outcome is stored by the receiver's cache and its reply confirmed, or its dead letter in `<queue>.dead`: the
 * message's body and properties with the reason in `fhir-error-outcome`, without headers that do not fit into a frame beside the reason.
 * Until then the broker keeps the message, and hands it over again where this process ends; the cache recognises it then.
 *
 * @throws {TypeError} when `retryDelaysMs` is empty.
 * @example amqpReceiver(connection, receiver, { queue: 'referrals', replyTargets: ['fhir.replies.*'] })
 */
export function amqpReceiver<TContext>(connection: RabbitConnection, receiver: Receiver<TContext, unknown>, options: AmqpReceiverOptions<TContext>): AmqpConsumption {
  const { queue, prefetch = 20, order = 'relaxed', confirmTimeoutMs = 10_000, closeWithinMs = 10_000 } = options;
  retryDelays(options.retryDelaysMs);
  const publisher = confirmedPublisher(connection);
  // Never aborted: closing waits for confirmations, which have a limit of their own.
  const { signal } = new AbortController();
  const write: Write = (routingKey, envelope, bytes) => withConfirmLimit(confirmTimeoutMs, signal, publisher.publishing({ exchange: '', routingKey }, envelope, bytes));
  const working = consumerWork({ closeWithinMs, confirmTimeoutMs });
  const ordered = inOrder();
  const loss = deliveryLoss(connection);
  /** The work on deliveries, lost ones included. */
  const going = new Set<Promise<unknown>>();

  async function take(message: RabbitMessage): Promise<number> {
    const claims = readClaims(message, message.headers ?? {}, amqpTable);
    const delivery: BrokerDelivery = { bytes: bodyBytes(message.body), claims, attempt: attemptIn(message.headers), signal: working.signal };
    const { signal: lost } = loss;
    const writeNow: Write = async (...publication) => {
      requireWritable(connection, lost);
      await write(...publication);
    };
    const wait = async (delayMs: number): Promise<void> => {
      await working.wait(delayMs, lost);
      while (!connection.ready) await working.wait(askAgainAfterMs, lost);
    };
    const line: QueueLine = { ...lineOf(message, queue, writeNow, order === 'relaxed'), wait };
    const work = (): Promise<'acknowledge' | 'return'> => working.run(async () => (lost.aborted ? 'return' : workOn(delivery, receiver, line, options)));
    // Work on a lost delivery goes on, since nobody could say how far its handler is, and keeps its key meanwhile.
    const doing = order === 'strict' ? ordered.run(claimed(claims, 'orderingKey'), work) : work();
    const forget = (): void => void going.delete(doing);
    going.add(doing);
    void doing.then(forget, forget);
    const end = await untilAborted(doing, lost).catch((error: unknown) => {
      if (lost.aborted) return 'return';
      throw error;
    });
    return end === 'acknowledge' ? acknowledge : giveBack;
  }

  const consumer = connection.createConsumer({ queue, concurrency: prefetch, qos: { prefetchCount: prefetch }, queueOptions: { passive: true } }, take);
  consumer.on('error', (error) => {
    report(error, options);
    // The broker may have closed the channel alone; where it has not, what is given back is recognised by the cache when it comes again.
    loss.consumerFailed(error);
  });
  return {
    close: () =>
      working.close(async () => {
        await consumer.close();
        await Promise.allSettled(going);
        loss.stop();
        await publisher.close();
      }),
  };
}

type Write = (queue: string, envelope: RabbitEnvelope, bytes: Uint8Array) => Promise<void>;

/** How long it takes at most to see that a connection is there again which was blocked, and not lost. */
const askAgainAfterMs = 1000;

/**
 * Refuses to write an answer to a delivery that the broker hands over again: it is answered then, and would be answered twice. While the connection is
 * down nobody knows yet whether the delivery is lost, and the client would write to the next connection.
 */
function requireWritable({ ready }: RabbitConnection, lost: AbortSignal): void {
  lost.throwIfAborted();
  if (!ready) {
    throw new MessagingError('transport.failed', 'The connection is down, or blocked: nothing was written.', { delivery: 'no' });
  }
}

function lineOf(message: RabbitMessage, queue: string, write: Write, isRelaxed: boolean): Omit<QueueLine, 'wait'> {
  return {
    publishReply({ target, bytes, properties }) {
      // The request's sender wrote its trace and its key, however long: a reply that does not fit goes without them.
      const { traceparent, tracestate, orderingKey, ...own } = properties;
      return firstThatFits([properties, own], (fitting) => write(target, envelopeOf(fitting), bytes));
    },
    publishDead({ bytes, attempt }, outcome) {
      const reason = { 'fhir-error-outcome': outcome, 'fhir-error-attempts': attempt, 'fhir-error-queue': queue };
      const shortest = { durable: true, headers: { ...reason, 'fhir-error-outcome': shortestOutcome } };
      return firstThatFits([...copiesOf(message, reason), shortest], (envelope) => write(deadLetterQueue(queue), envelope, bytes));
    },
    publishAgain: isRelaxed
      ? ({ bytes, attempt }, delayMs) => firstThatFits(copiesOf(message, { [attemptHeader]: attempt + 1 }), (envelope) => write(retryQueue(queue, delayMs), envelope, bytes))
      : undefined,
  };
}
