import { MessagingError } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { brokerTransport } from '../../exchange/broker-transport.ts';
import type { BrokerTransportOptions } from '../../exchange/broker-transport.ts';
import { unsent } from '../../exchange/unsent.ts';
import { goodbyeMs, withinTime } from '../../exchange/within-time.ts';
import { requireSoundSecret } from '../../mapping/ordering-key.ts';
import { amqpMessageOf } from './amqp-message.ts';
import { confirmedPublisher } from './confirmed-publisher.ts';
import { knownQueues } from './known-queues.ts';
import { plainAddress } from './queue-address.ts';
import type { QueueAddress } from './queue-address.ts';
import { replyLink } from './reply-link.ts';
import type { RheaConnection } from './rhea-connection.ts';

/** Where a transport's messages go, and how. */
export interface AmqpTransportOptions extends BrokerTransportOptions {
  /** The queue, for every message or by message. It may throw, as `orderBy` may. */
  readonly to: string | ((message: Message) => string);
  /** How the broker addresses a queue. @defaultValue plainAddress */
  readonly addressOf?: QueueAddress | undefined;
  /**
   * Where replies come in: a queue of this transport's own, which is there already. With `dynamic` the broker makes up a queue that ends with the
   * connection, if it can (RabbitMQ 3 cannot). With `false` none is waited for, and a send resolves with `accepted` when the broker has the message.
   */
  readonly replies: { readonly queue: string } | 'dynamic' | false;
  /**
   * Takes replies that nobody waits for here, such as those of asynchronous sends: `(reply) => messenger.accept(reply)`; where it fails, again, up to 20 times. Up
   * to 99 that wait for that keep no other waiting; behind 100, all replies wait. @defaultValue they are ignored
   */
  readonly onReply?: ((reply: Uint8Array) => unknown) | undefined;
  /** Is told of errors of the link for replies; the connection's own go to its listeners. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** @defaultValue 16_777_216, RabbitMQ's own limit from version 4 on */
  readonly maxMessageBytes?: number | undefined;
}

/** A transport that holds links. */
export interface AmqpTransport extends Transport {
  /** Ends every wait for a reply, with `closed`, and closes its links, within `confirmTimeoutMs` and a second; the connection stays its owner's. */
  close(): Promise<void>;
}

/**
 * Sends messages by AMQP 1.0, through a connection of `rhea`: durable, and settled only when the broker accepted.
 *
 * An attempt resolves with the reply message; where none is waited for, with custody once the broker accepted. The connection stays its
 * owner's, as do its listeners.
 *
 * @throws {MessagingError} `input.limit` past `maxMessageBytes`, before anything is sent; `address.refused` when no queue takes the message,
 * but `transport.failed` where that queue was there before, since it may come back; `transport.timeout` when the broker did not accept the message within
 * `confirmTimeoutMs`; `transport.failed`; `closed`; each with `delivery`.
 * @throws {TypeError} when `orderingSecret` is shorter than 16 bytes, or missing beside `orderBy`.
 * @example createMessenger({ transport: amqpTransport(connection, { to: 'referrals', addressOf: rabbit4Address, replies: false }), source: 'https://app.example.org' })
 */
export function amqpTransport(connection: RheaConnection, options: AmqpTransportOptions): AmqpTransport {
  requireSoundSecret(options);
  const { to, addressOf = plainAddress, confirmTimeoutMs = 10_000, onReply, onError, replies: choice } = options;
  const source = choice === 'dynamic' ? ({ dynamic: true } as const) : choice && { address: addressOf(choice.queue) };
  const publisher = confirmedPublisher(connection);
  const queues = knownQueues();
  const replies = source === false ? undefined : replyLink(connection, { source, queues, onReply, onError });
  const publish = brokerTransport(
    {
      replies,
      maxMessageBytes: 16_777_216,
      async publish({ bytes, message, properties }, ...limit) {
        const address = await unsent(() => addressOf(typeof to === 'function' ? to(message) : to));
        await queues.needing(address, () => publisher.publishing(address, amqpMessageOf(properties), bytes)(...limit));
      },
    },
    options,
  );
  let isClosed = false;
  const transport: Transport = async (outgoing) => {
    if (isClosed) {
      throw new MessagingError('closed', 'The transport was closed.', { delivery: 'no' });
    }
    return publish(outgoing);
  };
  return Object.assign(transport, {
    async close() {
      isClosed = true;
      if (replies !== undefined) await withinTime(confirmTimeoutMs + goodbyeMs, replies.close());
      publisher.close();
    },
  });
}
