import { onAbort } from './on-abort.ts';
import { tell } from './progress.ts';
import type { ProgressEvent } from './progress.ts';
import type { Reply } from './reply.ts';

/** A caller that wants a message sent. */
export interface Sender {
  /** Names the message; `undefined` where nothing does. */
  readonly key: string | undefined;
  readonly bytes: Uint8Array;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (event: ProgressEvent) => void;
  /** Sends it, for everybody who wants it sent. */
  readonly run: (signal: AbortSignal, onProgress: (event: ProgressEvent) => void) => Promise<Reply>;
}

/** The sends of one messenger: a message that is being sent is not sent once more beside it. */
export interface OneSend {
  /** Sends, or joins the send of the same bytes under the same name. A send is aborted when the last one who wants it is. */
  send(sender: Sender): Promise<Reply>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

interface Sending {
  readonly key: string | undefined;
  readonly bytes: Uint8Array;
  readonly senders: Set<Sender>;
  readonly stop: AbortController;
  readonly reply: Promise<Reply>;
  attempt: number;
}

/** Makes one send of the same message sent twice at once. */
export function oneSend(): OneSend {
  const running = new Set<Sending>();

  function begin({ key, bytes, run }: Sender): Sending {
    const senders = new Set<Sender>();
    const stop = new AbortController();
    const start = async (): Promise<Reply> => {
      // Runs one tick later, when `running` has this send, so that others can join it.
      await Promise.resolve();
      try {
        return await run(stop.signal, (event) => {
          sending.attempt = event.attempt;
          tell([...senders].map(({ onProgress }) => onProgress), event);
        });
      } finally {
        running.delete(sending);
      }
    };
    const sending: Sending = { key, bytes, senders, stop, attempt: 0, reply: start() };
    running.add(sending);
    return sending;
  }

  return {
    async send(sender) {
      const { key, bytes, signal, onProgress } = sender;
      const twin = [...running].find((other) => key === other.key && !other.stop.signal.aborted && isSame(bytes, other.bytes));
      const sending = twin ?? begin(sender);
      const { senders, stop, reply } = sending;
      senders.add(sender);
      let forget = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        forget = onAbort(signal, () => {
          if (senders.size === 1) {
            stop.abort(signal?.reason);
          } else if (senders.delete(sender)) {
            // The others still want it sent, so it may arrive.
            tell([onProgress], { kind: 'delivery', attempt: sending.attempt, delivery: 'unknown', unanswered: true });
            resolve();
          }
        });
      });
      try {
        return await Promise.race([reply, left.then(() => (signal?.throwIfAborted(), reply))]);
      } finally {
        forget();
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
