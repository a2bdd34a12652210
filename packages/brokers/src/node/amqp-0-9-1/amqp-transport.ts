import { MessagingError } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { brokerTransport } from '../../exchange/broker-transport.ts';
import type { BrokerTransportOptions } from '../../exchange/broker-transport.ts';
import { unsent } from '../../exchange/unsent.ts';
import { goodbyeMs, withinTime } from '../../exchange/within-time.ts';
import { requireSoundSecret } from '../../mapping/ordering-key.ts';
import { confirmedPublisher } from './confirmed-publisher.ts';
import type { Route } from './confirmed-publisher.ts';
import { envelopeOf, maxFieldBytes } from './envelope.ts';
import type { RabbitConnection } from './rabbit-connection.ts';
import { replyQueue } from './reply-queue.ts';

/** Where a transport's messages go, and how. */
export interface AmqpTransportOptions extends BrokerTransportOptions {
  /** The queue, or an exchange with a routing key, for every message or by message. It may throw, as `orderBy` may. */
  readonly to: string | Route | ((message: Message) => string | Route);
  /**
   * Where replies come in: a queue of this transport's own. With `false` none is waited for, and a send resolves with `accepted` when the broker has the
   * message. A queue that you named stays after `close`, with its messages. @defaultValue `fhir.replies.` and a fresh UUID
   */
  readonly replyQueue?: string | false | undefined;
  /** How long the reply queue stays when nobody listens, in milliseconds. @defaultValue 1_800_000, half an hour */
  readonly replyQueueExpiresAfterMs?: number | undefined;
  /**
   * Takes replies that nobody waits for here, such as those of asynchronous sends: `(reply) => messenger.accept(reply)`; where it fails, again, up to 20 times. Up
   * to 99 that wait for that keep no other waiting; behind 100, all replies wait. @defaultValue they are ignored
   */
  readonly onReply?: ((reply: Uint8Array) => unknown) | undefined;
  /** Is told of errors of the consumer of replies; the connection's own go to its `error` listener. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** @defaultValue 16_777_216, RabbitMQ's own limit from version 4 on */
  readonly maxMessageBytes?: number | undefined;
}

/** A transport that holds a channel and a queue. */
export interface AmqpTransport extends Transport {
  /** Ends every wait for a reply, with `closed`, and gives channel and reply queue back, within `confirmTimeoutMs` and a second; the connection stays open. */
  close(): Promise<void>;
}

/**
 * Sends messages by AMQP 0-9-1, through a connection of `rabbitmq-client`: durable, confirmed, and never to nowhere.
 *
 * An attempt resolves with the reply message that comes to the reply queue; where none is waited for, with custody once the broker confirmed. The
 * connection stays its owner's, as does its `error` listener, without which the client ends the process.
 *
 * @throws {MessagingError} `input.limit` past `maxMessageBytes`, with a `responseUrl` of more than 255 bytes, or where the headers do not fit into one
 * frame, before anything is sent; `address.refused` when no queue takes the message; `transport.timeout` without a confirmation within
 * `confirmTimeoutMs`; `transport.failed`; `closed`; each with `delivery`.
 * @throws {TypeError} when `orderingSecret` is shorter than 16 bytes, or missing beside `orderBy`.
 * @example createMessenger({ transport: amqpTransport(new Connection(url), { to: 'referrals' }), source: 'https://app.example.org' })
 */
export function amqpTransport(connection: RabbitConnection, options: AmqpTransportOptions): AmqpTransport {
  requireSoundSecret(options);
  const { to, confirmTimeoutMs = 10_000, onReply, onError, replyQueueExpiresAfterMs: expiresAfterMs = 1_800_000 } = options;
  const { replyQueue: queue = `fhir.replies.${crypto.randomUUID()}` } = options;
  const isOwn = options.replyQueue === undefined;
  const publisher = confirmedPublisher(connection);
  const replies = queue === false ? undefined : replyQueue(connection, { queue, isOwn, expiresAfterMs, onReply, onError });
  const publish = brokerTransport(
    {
      replies,
      maxMessageBytes: 16_777_216,
      async publish({ bytes, message, properties }, ...limit) {
        const route = await unsent(() => routeOf(typeof to === 'function' ? to(message) : to));
        await publisher.publishing(route, envelopeOf(properties), bytes)(...limit);
      },
    },
    options,
  );
  let isClosed = false;
  const transport: Transport = async (outgoing) => {
    if (isClosed) {
      throw new MessagingError('closed', 'The transport was closed.', { delivery: 'no' });
    }
    if (Buffer.byteLength(outgoing.responseUrl ?? '') > maxFieldBytes) {
      throw new MessagingError('input.limit', `AMQP 0-9-1 has room for ${maxFieldBytes} bytes of a reply's address (responseUrl): nothing was sent.`, { delivery: 'no' });
    }
    return publish(outgoing);
  };
  return Object.assign(transport, {
    async close() {
      isClosed = true;
      await withinTime(confirmTimeoutMs + goodbyeMs, Promise.allSettled([replies?.close(), publisher.close()]));
    },
  });
}

function routeOf(to: string | Route): Route {
  return typeof to === 'string' ? { exchange: '', routingKey: to } : to;
}
