import { withConfirmLimit } from '../../exchange/confirm-limit.ts';
import { confirmedSender } from './confirmed-sender.ts';
import type { ConfirmedSender } from './confirmed-sender.ts';
import { dataSection } from './amqp-message.ts';
import type { RheaConnection, RheaMessage } from './rhea-connection.ts';

/** A publisher that says what became of each message. */
export interface ConfirmedPublisher {
  /**
   * Sends, and resolves when the broker accepted.
   *
   * @throws {MessagingError} `address.refused`, `delivery: 'no'`, when no queue takes it; `transport.timeout` when it was not accepted in time;
   * `transport.failed` when the broker rejects it, or the connection fails.
   */
  publish(address: string, message: RheaMessage, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Reply addresses are many: links that were not used for longest are closed past this. */
const maxLinks = 100;

/** Publishes over a link for each address, opened when it is first needed. */
export function confirmedPublisher(connection: RheaConnection, confirmTimeoutMs: number): ConfirmedPublisher {
  const senders = new Map<string, ConfirmedSender>();
  const disconnected = (): void => {
    for (const sender of senders.values()) sender.disconnected();
  };
  connection.on('disconnected', disconnected);

  function senderTo(address: string): ConfirmedSender {
    const known = senders.get(address);
    const sender = known === undefined || known.isClosed ? confirmedSender(connection, address) : known;
    senders.delete(address);
    senders.set(address, sender);
    const [oldest] = senders.keys();
    if (senders.size > maxLinks && oldest !== undefined) {
      senders.get(oldest)?.close();
      senders.delete(oldest);
    }
    return sender;
  }

  return {
    publish(address, message, bytes, signal) {
      const body = dataSection(connection, bytes);
      return withConfirmLimit(confirmTimeoutMs, signal, (limited, mayHaveArrived) => senderTo(address).send({ ...message, body }, limited, mayHaveArrived));
    },
    close() {
      connection.removeListener('disconnected', disconnected);
      for (const sender of senders.values()) sender.close();
      senders.clear();
    },
  };
}
