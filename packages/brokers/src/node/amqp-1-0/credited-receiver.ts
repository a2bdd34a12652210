import { report } from '../../consume/report.ts';
import { wait } from '../../consume/wait.ts';
import { openReceiver } from './open-receiver.ts';
import type { OpenReceiver, OpenReceiverOptions, Take } from './open-receiver.ts';
import type { RheaConnection } from './rhea-connection.ts';
import { whenOpen } from './when-open.ts';

/** How messages are received. */
export interface ReceivingOptions extends OpenReceiverOptions {
  readonly onError: ((error: unknown) => void) | undefined;
}

/** A receiving link that is opened again until it is closed here. */
export interface CreditedReceiver {
  /** The link's address, once the broker has confirmed it; rejects where the broker refuses. */
  address(): Promise<string>;
  /** Takes no further messages, and resolves when those that are being worked on are settled. */
  close(): Promise<void>;
}

/** How long a link that the broker closed stays closed: a queue that is not there may come, and a session that was ended is made anew. */
const reopenAfterMs = 1000;

/**
 * Receives from an address, or from one that the broker makes up, until it is closed. The client restores a lost connection with its links; a link that
 * the broker itself closed is opened again here.
 */
export function creditedReceiver(connection: RheaConnection, { source, prefetch, onLost, onError }: ReceivingOptions, take: Take): CreditedReceiver {
  const closing = new AbortController();
  let current: OpenReceiver | undefined;
  let opening: Promise<OpenReceiver>;
  const taking: Take = async (message, lost) => {
    try {
      return await take(message, lost);
    } catch (error) {
      if (!lost.aborted) report(error, { onError });
      return 'return';
    }
  };

  async function open(): Promise<OpenReceiver> {
    await whenOpen(connection);
    closing.signal.throwIfAborted();
    current = openReceiver(connection, { source, prefetch, onLost }, taking, (refusal) => {
      report(refusal, { onError });
      void wait(reopenAfterMs, closing.signal).then(start);
    });
    return current;
  }
  function start(): void {
    opening = open();
    // A close before the link is open is no error to anybody.
    opening.catch(() => undefined);
  }
  start();

  return {
    address: async () => (await opening).address(),
    async close() {
      closing.abort();
      await current?.close();
    },
  };
}
