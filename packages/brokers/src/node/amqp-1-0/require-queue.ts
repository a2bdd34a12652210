import { openReceiver } from './open-receiver.ts';
import { rabbit3Address } from './queue-address.ts';
import type { RheaConnection } from './rhea-connection.ts';

/**
 * Makes sure that there is a queue at an address, where the broker itself does not: RabbitMQ 3 accepts messages that no queue takes. But it lets nobody
 * receive from a missing queue: so a receiving link without credit is opened, and closed.
 *
 * @throws {MessagingError} `address.refused` where there is no queue.
 */
export async function requireQueue(connection: RheaConnection, address: string): Promise<void> {
  if (!address.startsWith(rabbit3Address(''))) {
    return;
  }
  const nothing = (): Promise<'return'> => Promise.resolve('return');
  const link = openReceiver(connection, { source: { address }, prefetch: 0 }, nothing, () => undefined);
  try {
    await link.address();
  } finally {
    // Not awaited: the broker may never confirm the link's end, and nothing depends on it.
    void link.close();
  }
}
