import { untilAborted } from '@fhir-messaging/core';
import type { Publishing } from '../../exchange/confirm-limit.ts';
import { confirmedSender } from './confirmed-sender.ts';
import type { ConfirmedSender } from './confirmed-sender.ts';
import { requireQueue } from './require-queue.ts';
import { dataSection } from './amqp-message.ts';
import type { RheaConnection, RheaMessage } from './rhea-connection.ts';
import { whenLost } from './when-lost.ts';
import { whenOpen } from './when-open.ts';

/** A publisher that says what became of each message. */
export interface ConfirmedPublisher {
  /**
   * Gives a function that sends a message under a time limit, and resolves when the broker accepted it.
   *
   * @throws {MessagingError} when it runs: `address.refused`, `delivery: 'no'`, when no queue takes it; `transport.failed` when the broker rejects it,
   * or cannot deliver it now, or the connection fails.
   */
  publishing(address: string, message: RheaMessage, bytes: Uint8Array): Publishing;
  close(): void;
}

interface Link {
  readonly sender: ConfirmedSender;
  /** Resolves when it is known that there is a queue, which the broker may not say by itself. */
  readonly ready: Promise<void>;
  /** How many messages are under way over the link. */
  sending: number;
}

/** The most links, since reply addresses are many: past it idle links are closed, the longest unused first. */
const maxLinks = 100;

/** Publishes over a link for each address, opened when it is first needed. */
export function confirmedPublisher(connection: RheaConnection): ConfirmedPublisher {
  const links = new Map<string, Link>();
  const stop = whenLost(connection, () => {
    for (const { sender } of links.values()) sender.disconnected();
  });

  function drop(address: string): void {
    links.get(address)?.sender.close();
    links.delete(address);
  }

  function linkTo(address: string): Link {
    const known = links.get(address);
    const link = known === undefined || known.sender.isClosed ? { sender: confirmedSender(connection, address), ready: requireQueue(connection, address), sending: 0 } : known;
    links.delete(address);
    links.set(address, link);
    return link;
  }

  function dropIdle(): void {
    for (const [address, { sending }] of links) {
      if (links.size <= maxLinks) return;
      if (sending === 0) drop(address);
    }
  }

  async function send(address: string, message: RheaMessage & { readonly body: unknown }, signal: AbortSignal, mayHaveArrived: () => void): Promise<void> {
    await untilAborted(whenOpen(connection), signal);
    const link = linkTo(address);
    link.sending += 1;
    try {
      await untilAborted(sendOver(link, address, message, signal, mayHaveArrived), signal);
    } finally {
      link.sending -= 1;
      dropIdle();
    }
  }

  async function sendOver(link: Link, address: string, message: RheaMessage & { readonly body: unknown }, signal: AbortSignal, mayHaveArrived: () => void): Promise<void> {
    try {
      await link.ready;
    } catch (error) {
      if (links.get(address) === link) drop(address);
      throw error;
    }
    signal.throwIfAborted();
    await link.sender.send(message, signal, mayHaveArrived);
  }

  return {
    publishing(address, message, bytes) {
      const body = dataSection(connection, bytes);
      return (signal, mayHaveArrived) => send(address, { ...message, body }, signal, mayHaveArrived);
    },
    close() {
      stop();
      for (const address of [...links.keys()]) drop(address);
    },
  };
}
