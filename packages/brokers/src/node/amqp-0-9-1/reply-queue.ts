import { MessagingError, untilAborted } from '@fhir-messaging/core';
import { report } from '../../consume/report.ts';
import { wait } from '../../consume/wait.ts';
import type { ReplyLine } from '../../exchange/broker-transport.ts';
import { takeReply } from '../../exchange/take-reply.ts';
import { waitingReplies } from '../../exchange/waiting-replies.ts';
import { member } from '../../mapping/json.ts';
import { bodyBytes } from './body-bytes.ts';
import { acknowledge, giveBack } from './acknowledgement.ts';
import { deliveryLoss } from './delivery-loss.ts';
import type { RabbitConnection, RabbitConsumer, RabbitMessage, RabbitQueue } from './rabbit-connection.ts';

/** The options of a transport's reply queue. */
export interface ReplyQueueOptions {
  readonly queue: string;
  /** Whether the queue ends with the transport; one that somebody named may hold replies that are still to be read. */
  readonly isOwn: boolean;
  /** How long the queue stays when nobody listens, in milliseconds. */
  readonly expiresAfterMs: number;
  readonly onReply: ((reply: Uint8Array) => unknown) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
}

/** A transport's own queue for its replies. It outlives the connection, so that a reply that comes meanwhile is not lost. */
export interface ReplyQueue extends ReplyLine {
  close(): Promise<void>;
}

/** The client's code for an operation on a connection that its owner has closed. */
const connectionClosed = 'CLOSING';

/** The broker's code for a queue that was declared otherwise. Each such try closes a channel that all share, so few are made: it may expire, or be deleted. */
const declaredOtherwise = 'PRECONDITION_FAILED';

/** The longest wait before listening is tried again. */
const longestDelayMs = 30_000;

/** Listens for replies from when the first request is sent; for those that `onReply` takes from a queue that somebody named, from now on: some may be there. */
export function replyQueue(connection: RabbitConnection, { queue, isOwn, expiresAfterMs, onReply, onError }: ReplyQueueOptions): ReplyQueue {
  const waiting = waitingReplies();
  const closing = new AbortController();
  const loss = deliveryLoss(connection);
  const declared: RabbitQueue = { queue, durable: true, arguments: { 'x-expires': expiresAfterMs } };
  let listening: Promise<RabbitConsumer> | undefined;
  let listenAgain: NodeJS.Timeout | undefined;
  let forgetting: NodeJS.Timeout | undefined;
  let closed: MessagingError | undefined;

  async function take({ body }: RabbitMessage): Promise<number> {
    const { signal: lost } = loss;
    const hold = (delayMs: number): Promise<void> => wait(delayMs, closing.signal, lost);
    const taking = takeReply(bodyBytes(body), { waiting, onReply, onError, hold, isOver: () => closing.signal.aborted || lost.aborted });
    const end = await untilAborted(taking, lost).catch(() => 'return');
    return end === 'acknowledge' ? acknowledge : giveBack;
  }

  async function listen(): Promise<RabbitConsumer> {
    await connection.queueDeclare(declared);
    const consumer = connection.createConsumer({ queue, concurrency: 100, qos: { prefetchCount: 100 }, queueOptions: declared }, take);
    consumer.on('error', (error) => {
      report(error, { onError });
      loss.consumerFailed(error);
    });
    return consumer;
  }

  async function ready(): Promise<string> {
    if (closed !== undefined) {
      throw closed;
    }
    listening ??= listenOnce();
    await listening;
    return queue;
  }

  /** Listens; a failure is forgotten, so that the next send tries again, but one that closed a channel only after the longest wait. */
  function listenOnce(): Promise<RabbitConsumer> {
    const one = listen();
    one.catch((error: unknown) => {
      const forget = (): void => void (listening = undefined);
      if (closing.signal.aborted || member(error, 'code') !== declaredOtherwise) {
        forget();
      } else {
        forgetting = setTimeout(forget, longestDelayMs).unref();
      }
    });
    return one;
  }

  function listenFromNowOn(delayMs = 1000): void {
    ready().catch((error: unknown) => {
      const code = member(error, 'code');
      if (closing.signal.aborted || code === connectionClosed) return;
      report(error, { onError });
      listenAgain = setTimeout(listenFromNowOn, code === declaredOtherwise ? longestDelayMs : delayMs, Math.min(2 * delayMs, longestDelayMs));
      // The connection keeps its process alive, and nothing is waited for where its owner has closed it.
      listenAgain.unref();
    });
  }
  if (!isOwn && onReply !== undefined) listenFromNowOn();

  return {
    waiting,
    ready,
    async close() {
      closed = new MessagingError('closed', 'The transport was closed before the message was sent.', { delivery: 'no' });
      waiting.close(new MessagingError('closed', 'The transport was closed before the reply came.', { delivery: 'unknown' }));
      closing.abort();
      clearTimeout(listenAgain);
      clearTimeout(forgetting);
      loss.stop();
      const consumer = await listening?.catch(() => undefined);
      await consumer?.close();
      if (consumer !== undefined && isOwn) await connection.queueDelete(queue);
    },
  };
}
