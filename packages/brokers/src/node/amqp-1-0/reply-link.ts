import { MessagingError } from '@fhir-messaging/core';
import { wait } from '../../consume/wait.ts';
import type { ReplyLine } from '../../exchange/broker-transport.ts';
import { takeReply } from '../../exchange/take-reply.ts';
import { waitingReplies } from '../../exchange/waiting-replies.ts';
import { bodyBytes } from './amqp-message.ts';
import { creditedReceiver } from './credited-receiver.ts';
import type { CreditedReceiver } from './credited-receiver.ts';
import type { KnownQueues } from './known-queues.ts';
import type { Take } from './open-receiver.ts';
import type { RheaConnection, RheaReceiverOptions } from './rhea-connection.ts';

/** The options of a transport's link for replies. */
export interface ReplyLinkOptions {
  readonly source: RheaReceiverOptions['source'];
  readonly queues: KnownQueues;
  readonly onReply: ((reply: Uint8Array) => unknown) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
}

/** A link where one transport's replies come in. */
export interface ReplyLink extends ReplyLine {
  close(): Promise<void>;
}

/** Listens for replies from when the first request is sent; for those that `onReply` takes from a queue with a name, from now on: some may be there. */
export function replyLink(connection: RheaConnection, { source, queues, onReply, onError }: ReplyLinkOptions): ReplyLink {
  const waiting = waitingReplies();
  const closing = new AbortController();
  let link: CreditedReceiver | undefined;
  let closed: MessagingError | undefined;

  const take: Take = ({ body }, lost) => {
    const hold = (delayMs: number): Promise<void> => wait(delayMs, closing.signal, lost);
    return takeReply(bodyBytes(body), { waiting, onReply, onError, hold, isOver: () => closing.signal.aborted || lost.aborted });
  };

  function endWaiting(): void {
    waiting.close(new MessagingError('transport.failed', 'The queue where the reply would have come in was lost with its connection.', { delivery: 'unknown' }));
  }

  function listen(): CreditedReceiver {
    return creditedReceiver(connection, { source, prefetch: 100, onLost: endWaiting, onError }, take);
  }
  if (onReply !== undefined && !('dynamic' in source)) link = listen();

  return {
    waiting,
    async ready() {
      if (closed !== undefined) {
        throw closed;
      }
      const listening = (link ??= listen());
      return 'dynamic' in source ? listening.address() : queues.needing(source.address, () => listening.address());
    },
    async close() {
      closed = new MessagingError('closed', 'The transport was closed before the message was sent.', { delivery: 'no' });
      waiting.close(new MessagingError('closed', 'The transport was closed before the reply came.', { delivery: 'unknown' }));
      closing.abort();
      await link?.close();
    },
  };
}
