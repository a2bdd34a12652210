import { MessagingError } from '@fhir-messaging/core';
import { goodbyeMs, withinTime } from '../../exchange/within-time.ts';
import { withResolvers } from '../../exchange/with-resolvers.ts';
import { endSession } from './end-session.ts';
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
  const working = new Set<Promise<void>>();
  const givenBack: RheaDelivery[] = [];
  let loss = new AbortController();
  let isClosing = false;
  let isEnded = false;

  const isDynamic = 'dynamic' in source;
  let address = unasked();
  let isKnown = false;
  const lost = (): void => {
    const before = loss;
    loss = new AbortController();
    givenBack.length = 0;
    before.abort(new MessagingError('transport.failed', 'The connection was lost before a message was accepted: it is handed over again.'));
    if (!isDynamic) return;
    // Who waits for an address that nobody has said yet waits for the next one.
    if (isKnown) address = unasked();
    isKnown = false;
    onLost?.();
  };
  const stop = whenLost(connection, lost);

  receiver.on('receiver_open', () => {
    if (isClosing) {
      // Closed while it was being attached; or while its connection was lost: with the new one the client opens it again.
      session.close();
      return;
    }
    if (prefetch > 0) receiver.add_credit(prefetch);
    const given = receiver.source.address;
    if (typeof given !== 'string') return;
    isKnown = true;
    address.resolve(given);
  });
  const ended = (error: unknown): void => {
    if (isEnded || isClosing) {
      return;
    }
    isEnded = true;
    stop();
    lost();
    const refusal = linkRefusal(error);
    address.reject(refusal);
    onEnd(refusal);
  };
  receiver.on('receiver_error', () => ended(receiver.error));
  receiver.on('receiver_close', () => ended(receiver.error));
  session.on('session_error', (context) => ended(context.session?.error));
  session.on('session_close', (context) => ended(context.session?.error));

  async function work(message: RheaMessage, delivery: RheaDelivery): Promise<void> {
    const { signal } = loss;
    const end = isClosing ? 'return' : await take(message, signal).catch(() => 'return' as const);
    if (signal.aborted) {
      return;
    }
    if (end === 'acknowledge') {
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
    // The broker hands a message over again that cannot be settled, since its link is gone.
    const one = work(message, delivery)
      .catch(() => undefined)
      .finally(() => working.delete(one));
    working.add(one);
  });

  /** Ends the session, and waits for the broker's confirmation, which may never come: until then it holds messages, and a queue, for the session. */
  async function sessionEnd(): Promise<void> {
    let over = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    const isOver = isEnded || !receiver.is_open();
    session.on('session_close', over);
    const stopWaiting = whenLost(connection, over);
    endSession(session, !isEnded && !receiver.is_open());
    if (!isOver) await withinTime(goodbyeMs, ended);
    stopWaiting();
  }

  return {
    address: () => address.promise,
    async close() {
      isClosing = true;
      await Promise.allSettled(working);
      stop();
      if (receiver.is_open()) for (const delivery of givenBack) delivery.release();
      await sessionEnd();
    },
  };
}

/** An address that is not known yet, whose rejection nobody has to handle. */
function unasked(): ReturnType<typeof withResolvers<string>> {
  const address = withResolvers<string>();
  address.promise.catch(() => undefined);
  return address;
}
