import { MessagingError } from '../errors.ts';
import { startTimer } from './timer.ts';
import type { MessageReply } from './reply.ts';

/** A reply that comes another way than on the connection of its request, for whoever waits for it in this process. */
export interface LaterReply {
  readonly promise: Promise<MessageReply>;
  /** The reply, once it came; none that came before, as far as the store knows, unless it is `ok`: a late copy says nothing of what is being sent again. */
  readonly reply: () => MessageReply | undefined;
  /** Ends the wait. @param isNew - `false` for the very reply that came before: a late copy, or what the other side says again. */
  settle(reply: MessageReply, isNew: boolean): void;
  /** Gives up when the request's time is over. */
  endAfter(timeMs: number): void;
  /** Gives up because the messenger was closed. */
  close(): void;
}

const nothing = (): void => undefined;

/** A reply to wait for, or not: its rejection needs no handler. @param forget - is called when it came, or does not come any more. */
export function laterReply(forget: () => void): LaterReply {
  let resolve: (reply: MessageReply) => void = nothing;
  let reject: (reason: unknown) => void = nothing;
  let stopTimer = nothing;
  let came: MessageReply | undefined;
  let isOver = false;
  const promise = new Promise<MessageReply>((...ends) => ([resolve, reject] = ends));
  const over = (): void => {
    isOver = true;
    stopTimer();
    forget();
  };
  promise.then(over, over);
  return {
    promise,
    reply: () => came,
    settle(reply, isNew) {
      if (isNew || reply.kind === 'ok') came = reply;
      resolve(reply);
    },
    endAfter(timeMs) {
      stopTimer();
      if (isOver) return;
      stopTimer = startTimer(timeMs, () => reject(new MessagingError('transport.timeout', 'No reply came to this process by the deadline.', { delivery: 'yes' })));
    },
    close() {
      reject(new MessagingError('closed', 'The messenger was closed before the reply came.', { delivery: 'yes' }));
    },
  };
}
