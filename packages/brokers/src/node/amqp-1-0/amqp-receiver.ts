import type { Receiver } from '@fhir-messaging/receiver';
import { attemptHeader, attemptIn } from '../../consume/attempt-count.ts';
import { consumerWork } from '../../consume/consumer-work.ts';
import type { BrokerDelivery } from '../../consume/broker-delivery.ts';
import { inOrder } from '../../consume/in-order.ts';
import { retryDelays } from '../../consume/retry-delay.ts';
import { workOn } from '../../consume/work-on.ts';
import type { QueueLine, WorkOptions } from '../../consume/work-on.ts';
import { withConfirmLimit } from '../../exchange/confirm-limit.ts';
import { claimed, readClaims } from '../../mapping/property-table.ts';
import { amqpMessageOf, bodyBytes } from './amqp-message.ts';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { creditedReceiver } from './credited-receiver.ts';
import { readableId, writableId } from './message-id.ts';
import type { Take } from './open-receiver.ts';
import { amqpTable } from './property-table.ts';
import { plainAddress } from './queue-address.ts';
import type { QueueAddress } from './queue-address.ts';
import type { RheaConnection, RheaMessage } from './rhea-connection.ts';

/** How a queue is received from. */
export interface AmqpReceiverOptions<TContext = undefined> extends WorkOptions<TContext> {
  /** The queue, which is there already. */
  readonly queue: string;
  /** How the broker addresses a queue. @defaultValue plainAddress */
  readonly addressOf?: QueueAddress | undefined;
  /** The queue of dead letters, which is there already. @defaultValue `<queue>.dead` */
  readonly deadLetterQueue?: string | undefined;
  /**
   * The queue, for each delay, where a message waits for its next attempt, and that hands it back then, such as those that `declareQueues` of
   * `/amqp-0-9-1` makes. @defaultValue none: the message is held here meanwhile
   */
  readonly retryQueue?: ((delayMs: number) => string) | undefined;
  /** How many messages are worked on at once. @defaultValue 20 */
  readonly prefetch?: number | undefined;
  /**
   * `strict` works on messages of one ordering key one after the other, and holds the key while one is tried again; a dead letter lets the key go
   * on. It needs one consumer at a time. `relaxed` lets a message that is tried again be overtaken. @defaultValue 'relaxed'
   */
  readonly order?: 'strict' | 'relaxed' | undefined;
  /** How long the broker may take to accept a reply or a dead letter, in milliseconds. @defaultValue 10_000 */
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
 * Receives messages by AMQP 1.0, through a connection of `rhea`, from now on until it is closed.
 *
 * A message is accepted when its outcome is stored by the receiver's cache and its reply accepted by the broker, or its dead letter, which has the
 * message's body and properties and the reason in `fhir-error-outcome`. Until then the broker keeps the message, and hands it over again where this
 * process ends; the cache recognises it then.
 *
 * @throws {TypeError} when `retryDelaysMs` is empty.
 * @example amqpReceiver(connection, receiver, { queue: 'referrals', addressOf: rabbit4Address, replyTargets: ['/queues/fhir.replies.*'] })
 */
export function amqpReceiver<TContext>(connection: RheaConnection, receiver: Receiver<TContext, unknown>, options: AmqpReceiverOptions<TContext>): AmqpConsumption {
  const { queue, addressOf = plainAddress, prefetch = 20, order = 'relaxed', confirmTimeoutMs = 10_000, closeWithinMs = 10_000 } = options;
  retryDelays(options.retryDelaysMs);
  const publisher = confirmedPublisher(connection);
  const working = consumerWork({ closeWithinMs, confirmTimeoutMs });
  const ordered = inOrder();
  const deadLetters = addressOf(options.deadLetterQueue ?? `${queue}.dead`);
  const retryAddress = order === 'strict' ? undefined : options.retryQueue && ((delayMs: number) => addressOf(options.retryQueue?.(delayMs) ?? queue));

  const take: Take = async (message, lost) => {
    // What is handed over again is answered then, and not twice. Closing waits for what is to be accepted, which has a limit of its own.
    const write: Write = (address, copy, bytes) => withConfirmLimit(confirmTimeoutMs, lost, publisher.publishing(address, copy, bytes));
    const ids = { message_id: readableId(message.message_id), correlation_id: readableId(message.correlation_id) };
    const claims = readClaims({ ...message, ...ids }, message.application_properties ?? {}, amqpTable);
    const delivery: BrokerDelivery = { bytes: bodyBytes(message.body), claims, attempt: attemptIn(message.application_properties), signal: working.signal };
    const line: QueueLine = { ...lineOf(message, { queue, deadLetters, retryAddress }, write), wait: (delayMs) => working.wait(delayMs, lost) };
    const work = (): Promise<'acknowledge' | 'return'> => working.run(async () => (lost.aborted ? 'return' : workOn(delivery, receiver, line, options)));
    return order === 'strict' ? ordered.run(claimed(claims, 'orderingKey'), work) : work();
  };
  const consumer = creditedReceiver(connection, { source: { address: addressOf(queue) }, prefetch, onError: options.onError }, take);
  return {
    async close() {
      await working.close(() => consumer.close());
      publisher.close();
    },
  };
}

interface Addresses {
  readonly queue: string;
  readonly deadLetters: string;
  readonly retryAddress: ((delayMs: number) => string) | undefined;
}

type Write = (address: string, message: RheaMessage, bytes: Uint8Array) => Promise<void>;

function lineOf(message: RheaMessage, { queue, deadLetters, retryAddress }: Addresses, write: Write): Omit<QueueLine, 'wait'> {
  const copy = (address: string, bytes: Uint8Array, properties: Record<string, unknown>): Promise<void> =>
    write(address, { ...fieldsOf(message), application_properties: { ...ownProperties(message), ...properties } }, bytes);
  return {
    publishReply: ({ target, bytes, properties }) => write(target, amqpMessageOf(properties), bytes),
    publishDead: ({ bytes, attempt }, outcome) => copy(deadLetters, bytes, { 'fhir-error-outcome': outcome, 'fhir-error-attempts': String(attempt), 'fhir-error-queue': queue }),
    publishAgain: retryAddress && (({ bytes, attempt }, delayMs) => copy(retryAddress(delayMs), bytes, { [attemptHeader]: String(attempt + 1) })),
  };
}

/** The application properties but the count of attempts, which begins anew where a dead letter is put back. */
function ownProperties({ application_properties: { [attemptHeader]: _, ...own } = {} }: RheaMessage): Record<string, unknown> {
  return writable(own);
}

/** The fields to copy: not the user id, which a broker takes from that user's own connection alone, the time to expire, or `to`, the former address. */
function fieldsOf(message: RheaMessage): RheaMessage {
  const { message_id, correlation_id, content_type, content_encoding, subject, reply_to, group_id, group_sequence, reply_to_group_id, creation_time, priority } = message;
  const ids = { message_id: writableId(message_id), correlation_id: writableId(correlation_id) };
  return { ...writable({ ...ids, content_type, content_encoding, subject, reply_to, group_id, group_sequence, reply_to_group_id, creation_time, priority }), durable: true };
}

/** The values that can be written again: the client would write a time out of a Date's range as 1970. */
function writable(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && !(value instanceof Date && Number.isNaN(value.getTime()))));
}
