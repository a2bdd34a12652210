import { MessagingError } from '@fhir-messaging/core';
import { endSession, endSessionBehind, endSessionConfirmed } from './end-session.ts';
import { linkAddress } from './link-address.ts';
import { linkRefusal } from './link-refusal.ts';
import type { RheaConnection, RheaDelivery, RheaMessage, RheaReceiverOptions } from './rhea-connection.ts';
import { whenLost } from './when-lost.ts';

/**
 * What takes messages: it says whether they are accepted, or handed over again; where it rejects, they are, too. `lost` aborts when the message is lost with
 * its connection or its link: the broker hands it over again, whatever is said of it.
 */
export type Take = (message: RheaMessage, lost: AbortSignal) => Promise<'acknowledge' | 'return'>;

/** A receiving link, with credit for as many messages as may be worked on at once. */
export interface OpenReceiver {
  /** The link's address, once the broker has confirmed it on this connection; rejects where the broker closes the link instead. */
  address(): Promise<string>;
  /** Takes no further messages, and resolves when those that are being worked on are settled, and the broker has let go. */
  close(): Promise<void>;
}

/** The source of a link, and how much it receives at once. */
export interface OpenReceiverOptions {
  readonly source: RheaReceiverOptions['source'];
  readonly prefetch: number;
  /** Is told when an address that the broker made up is gone, with the link or the connection, and so are its messages. */
  readonly onLost?: (() => void) | undefined;
}

/** Opens a receiving link in a session of its own. @param onEnd - is told when the broker closes it, and why. */
export function openReceiver(
  connection: RheaConnection,
  { source, prefetch, onLost }: OpenReceiverOptions,
  take: Take,
  onEnd: (refusal: MessagingError) => void,
): OpenReceiver {
  const session = connection.create_session();
  session.begin();
  const receiver = session.open_receiver({ source, autoaccept: false, credit_window: 0 });
  const address = linkAddress();
  const working = new Set<Promise<void>>();
  /** What was not accepted while the link was being closed. */
  const givenBack: RheaDelivery[] = [];
  /** Aborts when the messages that are being worked on are lost. */
  let loss = new AbortController();
  let isClosing = false;
  let isEnded = false;

  function lose(): void {
    const before = loss;
    loss = new AbortController();
    givenBack.length = 0;
    before.abort(new MessagingError('transport.failed', 'The connection was lost before a message was accepted: it is handed over again.'));
    if ('dynamic' in source) {
      address.forget();
      onLost?.();
    }
  }
  const stopHearing = whenLost(connection, lose);

  /** The broker closed the link, or its session. */
  function end(error: unknown): void {
    endSessionBehind(session);
    if (isEnded || isClosing) {
      return;
    }
    isEnded = true;
    stopHearing();
    lose();
    const refusal = linkRefusal(error);
    address.refuse(refusal);
    onEnd(refusal);
  }
  receiver.on('receiver_error', () => end(receiver.error));
  receiver.on('receiver_close', () => end(receiver.error));
  session.on('session_error', (context) => end(context.session?.error));
  session.on('session_close', (context) => end(context.session?.error));

  receiver.on('receiver_open', () => {
    if (isClosing) {
      // Closed while it was being attached; or while its connection was lost: with the new one the client opens it again.
      session.close();
      return;
    }
    if (prefetch > 0) receiver.add_credit(prefetch);
    if (typeof receiver.source.address === 'string') address.confirm(receiver.source.address);
  });

  async function work(message: RheaMessage, delivery: RheaDelivery): Promise<void> {
    const { signal } = loss;
    const verdict = isClosing ? 'return' : await take(message, signal).catch(() => 'return' as const);
    if (signal.aborted) {
      return;
    }
    if (verdict === 'acknowledge') {
      delivery.accept();
    } else if (isClosing) {
      // Released at the end: while the link has credit left, the message would come here again, and be counted each time.
      givenBack.push(delivery);
    } else {
      delivery.release();
    }
    if (!isClosing) receiver.add_credit(1);
  }
  receiver.on('message', ({ message, delivery }) => {
    if (message === undefined || delivery === undefined) {
      return;
    }
    const one = work(message, delivery)
      // The broker hands a message over again that cannot be settled, since its link is gone.
      .catch(() => undefined)
      .finally(() => working.delete(one));
    working.add(one);
  });

  return {
    address: address.confirmed,
    async close() {
      isClosing = true;
      await Promise.allSettled(working);
      stopHearing();
      if (isEnded || !receiver.is_open()) {
        endSession(session, !isEnded);
        return;
      }
      for (const delivery of givenBack) delivery.release();
      await endSessionConfirmed(connection, session);
    },
  };
}
