import { report } from '../../consume/consume.ts';
import { wait } from '../../consume/wait.ts';
import { openReceiver } from './open-receiver.ts';
import type { OpenReceiver, OpenReceiverOptions, Take } from './open-receiver.ts';
import type { RheaConnection } from './rhea-connection.ts';
import { whenOpen } from './when-open.ts';

/** How messages are received. */
export interface ReceivingOptions extends OpenReceiverOptions {
  readonly onError: ((error: unknown) => void) | undefined;
}

/** A link that receives for as long as it is not closed. */
export interface CreditedReceiver {
  /** The address that it receives from, once the broker said so; rejects where it refuses. */
  address(): Promise<string>;
  /** Takes no further messages, and resolves when those that are being worked on are settled. */
  close(): Promise<void>;
}

/** How long a link that the broker closed stays closed: a queue that is not there may come, and a session that was ended is made anew. */
const reopenAfterMs = 1000;

/**
 * Receives from an address, or from one that the broker makes up, until it is closed. The client makes a lost connection again, with all that was on it;
 * what the broker itself closed is opened again here.
 */
export function creditedReceiver(connection: RheaConnection, { source, prefetch, onLost, onError }: ReceivingOptions, take: Take): CreditedReceiver {
  const closing = new AbortController();
  let current: OpenReceiver | undefined;
  let opening: Promise<OpenReceiver>;
  const taking: Take = async (message) => {
    try {
      return await take(message);
    } catch (error) {
      report(error, { onError });
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
    // Where it is closed before it is open, nobody has to know.
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
