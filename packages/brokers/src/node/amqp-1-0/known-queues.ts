import { isMessagingError, MessagingError } from '@fhir-messaging/core';

/** The queues that were there: one that is missing then may come back, since a broker says the same of a queue that it is only stopping or starting. */
export interface KnownQueues {
  /**
   * Does what needs a queue, which is known from then on.
   *
   * @throws {MessagingError} `transport.failed`, `delivery: 'no'`, in place of `address.refused` where the queue was there before; else what the work throws.
   */
  needing<T>(address: string, work: () => Promise<T>): Promise<T>;
}

/** The most queues that are known; past it the one that was needed longest ago is not any more. */
const maxQueues = 1000;

/** No queue is known yet. */
export function knownQueues(): KnownQueues {
  const known = new Set<string>();
  return {
    async needing(address, work) {
      try {
        const result = await work();
        known.delete(address);
        known.add(address);
        for (const oldest of known) if (known.size > maxQueues) known.delete(oldest);
        return result;
      } catch (error) {
        if (!known.has(address) || !isMessagingError(error) || error.code !== 'address.refused') throw error;
        throw new MessagingError('transport.failed', 'The queue is missing, which was there before: nothing was sent.', { delivery: 'no', cause: error });
      }
    },
  };
}
