import { MessagingError } from '@fhir-messaging/core';
import type { Publishing } from '../../exchange/confirm-limit.ts';
import { afterReturns } from './after-returns.ts';
import type { RabbitConnection, RabbitEnvelope } from './rabbit-connection.ts';

/** Where a message goes to: an exchange with a routing key; the default exchange's routing keys are the names of queues. */
export interface Route {
  readonly exchange: string;
  readonly routingKey: string;
}

/** A publisher that says what became of each message. */
export interface ConfirmedPublisher {
  /**
   * Gives a function that publishes a message under a time limit, and resolves when the broker confirmed that a queue has it.
   *
   * @throws {MessagingError} when it runs: `address.refused`, `delivery: 'no'`, when no queue takes it; `input.limit`, `delivery: 'no'`, when its headers do not
   * fit into one frame, or cannot be written; `transport.failed` when the broker, or the connection, fails.
   */
  publishing(route: Route, envelope: RabbitEnvelope, bytes: Uint8Array): Publishing;
  close(): Promise<void>;
}

/** Publishes with confirms. A message that the broker returns counts as failed, though the broker confirms it too. */
export function confirmedPublisher(connection: RabbitConnection): ConfirmedPublisher {
  const publisher = connection.createPublisher({ confirm: true, maxAttempts: 1 });
  const returnsTold = afterReturns();
  const inFlight = new Map<string, Set<{ isReturned: boolean }>>();
  publisher.on('basic.return', (message) => {
    for (const one of inFlight.get(nameOf(message)) ?? []) one.isReturned = true;
  });

  async function send(envelope: RabbitEnvelope & Route, body: Buffer): Promise<void> {
    const name = nameOf(envelope);
    const one = { isReturned: false };
    const twins = inFlight.get(name) ?? new Set();
    inFlight.set(name, twins.add(one));
    try {
      await publisher.send(envelope, body);
      await returnsTold();
    } catch (cause) {
      throw failureOf(cause);
    } finally {
      twins.delete(one);
      if (twins.size === 0) inFlight.delete(name);
    }
    if (one.isReturned) {
      const { exchange, routingKey } = envelope;
      const queue = exchange === '' ? `No queue ${JSON.stringify(routingKey)}` : `No queue behind the exchange ${JSON.stringify(exchange)}`;
      throw new MessagingError('address.refused', `${queue} takes the message: the broker returned it.`, { delivery: 'no' });
    }
  }

  return {
    publishing({ exchange, routingKey }, envelope, bytes) {
      // A Buffer keeps the client from writing JSON of its own, under its own content type.
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return (signal, mayHaveArrived) => {
        signal.throwIfAborted();
        // Before the call: the client does not say when it sends, which after a lost connection is when that is back.
        mayHaveArrived();
        return send({ ...envelope, exchange, routingKey, mandatory: true }, body);
      };
    },
    close: () => publisher.close(),
  };
}

/** The name by which a returned message is recognised: its route and its ids; two messages that share these share their fate. */
function nameOf({ exchange, routingKey, messageId, correlationId, headers }: RabbitEnvelope): string {
  return JSON.stringify([exchange, routingKey, messageId, correlationId, headers?.['fhir-bundle-id']]);
}

/** The client's errors before anything is sent. `CLOSING` alone is also told of messages that wait for confirmation while the owner closes the connection. */
const neverSent = /^(TIMEOUT|CLOSED|CLOSING channel creation failed)/;

function failureOf(cause: unknown): MessagingError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  // The error's name counts too: the client uses the same code for a connection that speaks no AMQP.
  if (cause instanceof RangeError || (code === 'CODEC' && cause instanceof Error && cause.name === 'AMQPChannelError')) {
    const text = "The message's headers do not fit into one frame (the connection's frameMax), or hold a number that the client cannot write: nothing was sent.";
    return new MessagingError('input.limit', text, { delivery: 'no', cause });
  }
  return new MessagingError('transport.failed', `The message could not be handed to the broker${code === undefined ? '' : ` (${code})`}.`, {
    delivery: cause instanceof Error && neverSent.test(`${code} ${cause.message}`) ? 'no' : 'unknown',
    cause,
  });
}
