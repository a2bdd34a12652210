import { tell } from './progress.ts';
import type { Observer } from './progress.ts';
import type { Reply } from './reply.ts';

/** Who wants a message sent. */
export interface Sender {
  /** Names the message; `undefined` where nothing does, so that it is told from every other one. */
  readonly key: string | undefined;
  readonly bytes: Uint8Array;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: Observer | undefined;
  /** Sends it, for everybody who wants it sent. */
  readonly run: (signal: AbortSignal, onProgress: Observer) => Promise<Reply>;
}

/** The sends of one messenger: a message that is being sent is not sent once more beside it. */
export interface OneSend {
  /** Sends, or joins the send of the same bytes under the same name. A send is aborted when the last one who wants it is. */
  send(sender: Sender): Promise<Reply>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

interface Sending {
  readonly bytes: Uint8Array;
  readonly senders: Set<Sender>;
  readonly stop: AbortController;
  readonly reply: Promise<Reply>;
  attempt: number;
}

/** Keeps the same message, sent twice at once, from being two sends. */
export function oneSend(): OneSend {
  const running = new Set<Sending>();
  /** Of each name the send that others may join. */
  const open = new Map<string | undefined, Sending>();

  function begin({ key, bytes, signal, run }: Sender): Sending {
    const senders = new Set<Sender>();
    const stop = new AbortController();
    if (signal?.aborted === true) stop.abort(signal.reason);
    const start = async (): Promise<Reply> => {
      // Until it is in the table, nobody could join it.
      await Promise.resolve();
      try {
        return await run(stop.signal, (event) => {
          sending.attempt = event.attempt;
          tell([...senders].map(({ onProgress }) => onProgress), event);
        });
      } finally {
        running.delete(sending);
        if (open.get(key) === sending) open.delete(key);
      }
    };
    const sending: Sending = { bytes, senders, stop, attempt: 0, reply: start() };
    running.add(sending);
    if (key !== undefined) open.set(key, sending);
    return sending;
  }

  return {
    async send(sender) {
      const { key, bytes, signal, onProgress } = sender;
      const known = open.get(key);
      const isTwin = known !== undefined && !known.stop.signal.aborted && isSame(known.bytes, bytes);
      const sending = isTwin ? known : begin(sender);
      const { senders, stop } = sending;
      senders.add(sender);
      let leave = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        leave = () => {
          if (senders.size === 1) {
            stop.abort(signal?.reason);
          } else if (senders.delete(sender)) {
            // The others still want it sent, so it may arrive.
            tell([onProgress], { kind: 'delivery', attempt: sending.attempt, delivery: 'unknown' });
            resolve();
          }
        };
      });
      signal?.addEventListener('abort', leave);
      if (signal?.aborted === true) leave();
      try {
        return await Promise.race([sending.reply, left.then(() => (signal?.throwIfAborted(), sending.reply))]);
      } finally {
        signal?.removeEventListener('abort', leave);
      }
    },
    async idle() {
      await Promise.allSettled([...running].map(({ reply }) => reply));
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.byteLength === b.byteLength && a.every((byte, position) => byte === b[position]));
}
