import { MessagingError, untilAborted } from '@fhir-messaging/core';
import { endSession, endSessionBehind } from './end-session.ts';
import { conditionOf, linkRefusal } from './link-refusal.ts';
import type { RheaConnection, RheaMessage, RheaSent } from './rhea-connection.ts';

/** A link to one address that says what became of each message. */
export interface ConfirmedSender {
  /** Sends a message when there is credit, and resolves when the broker accepted it. */
  send(message: RheaMessage & { readonly body: unknown }, signal: AbortSignal, mayHaveArrived: () => void): Promise<void>;
  /** Whether the link is closed: the next message needs another. */
  readonly isClosed: boolean;
  /** Tells that the connection is gone: nobody knows of messages that were not accepted yet. */
  disconnected(): void;
  close(): void;
}

interface Unsettled {
  readonly accept: () => void;
  readonly fail: (error: MessagingError) => void;
}

/** Opens a link in a session of its own. */
export function confirmedSender(connection: RheaConnection, address: string): ConfirmedSender {
  const session = connection.create_session();
  session.begin();
  const sender = session.open_sender({ target: { address }, treat_modified_as_released: false });
  const unsettled = new Map<object, Unsettled>();
  let wakers: (() => void)[] = [];
  let failure: MessagingError | undefined;
  let isClosed = false;

  const isReady = (): boolean => sender.is_open() && sender.sendable();
  const wake = (): void => {
    const all = wakers;
    wakers = [];
    for (const go of all) go();
  };
  const failAll = (error: MessagingError): void => {
    for (const { fail } of unsettled.values()) fail(error);
    unsettled.clear();
  };
  const ended = (error: unknown): void => {
    if (failure !== undefined) {
      return;
    }
    failure = linkRefusal(error);
    failAll(new MessagingError('transport.failed', 'The broker closed the link before it accepted the message.', { delivery: 'unknown' }));
    wake();
  };
  const endedByBroker = (error: unknown): void => {
    ended(error);
    endSessionBehind(session);
  };
  const settle = ({ delivery }: { readonly delivery?: RheaSent | undefined }, error?: MessagingError): void => {
    const one = delivery && unsettled.get(delivery);
    if (delivery === undefined || one === undefined) {
      return;
    }
    unsettled.delete(delivery);
    if (error === undefined) {
      one.accept();
    } else {
      one.fail(error);
    }
  };
  sender.on('sender_open', () => {
    // Closed while it was being attached; or while its connection was lost: with the new one the client opens it again.
    if (isClosed) session.close();
  });
  sender.on('sendable', wake);
  sender.on('accepted', (context) => settle(context));
  sender.on('released', (context) => settle(context, takenByNone()));
  sender.on('modified', (context) => settle(context, context.delivery?.remote_state?.undeliverable_here === true ? takenByNone() : notTaken('returned the message, which it could not deliver now')));
  sender.on('rejected', (context) => settle(context, notTaken(`rejected the message${conditionOf(context.delivery?.remote_state?.error)}`)));
  sender.on('sender_error', () => endedByBroker(sender.error));
  sender.on('sender_close', () => endedByBroker(sender.error));
  session.on('session_error', (context) => endedByBroker(context.session?.error));
  session.on('session_close', (context) => endedByBroker(context.session?.error));

  return {
    get isClosed() {
      return failure !== undefined;
    },
    async send(message, signal, mayHaveArrived) {
      // Messages that wait already go first.
      for (let mustWait = wakers.length > 0 || !isReady(); mustWait && failure === undefined; mustWait = !isReady()) {
        await untilAborted(new Promise<void>((resolve) => wakers.push(resolve)), signal);
      }
      if (failure !== undefined) {
        throw failure;
      }
      mayHaveArrived();
      await new Promise<void>((resolve, reject) => unsettled.set(sender.send(message), { accept: resolve, fail: reject }));
    },
    disconnected() {
      failAll(new MessagingError('transport.failed', 'The connection was lost before the broker accepted the message.', { delivery: 'unknown' }));
    },
    close() {
      const isAttaching = failure === undefined && !sender.is_open();
      isClosed = true;
      ended(undefined);
      endSession(session, isAttaching);
    },
  };
}

function takenByNone(): MessagingError {
  return new MessagingError('address.refused', 'No queue takes the message: the broker released it.', { delivery: 'no' });
}

function notTaken(what: string): MessagingError {
  return new MessagingError('transport.failed', `The broker ${what}.`, { delivery: 'no' });
}
