import { openReceiver } from './open-receiver.ts';
import { rabbit3Address } from './queue-address.ts';
import type { RheaConnection } from './rhea-connection.ts';

/**
 * Makes sure that there is a queue at an address, where the broker itself does not: RabbitMQ 3 accepts what no queue takes. It does not let anybody receive
 * from a queue that is not there: so a link that asks for nothing is opened, and closed.
 *
 * @throws {MessagingError} `address.refused` where there is none.
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
    // Its end may not be confirmed, and nothing depends on it.
    void link.close();
  }
}
