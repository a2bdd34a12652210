import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { sqliteCache } from '@fhir-messaging/storage/sqlite';
import { discharged, keepDischarged } from './notification.ts';
import { order, orderStatus } from './order.ts';
import type { Examinations } from './order.ts';
import { answerResultsOf, resultsOf } from './query.ts';
import { listen } from './serve.ts';

/** A laboratory that is up. */
export interface Laboratory {
  readonly baseUrl: string;
  readonly receiver: Receiver<undefined, unknown>;
  stop(): Promise<void>;
}

/**
 * Starts a laboratory.
 *
 * @param wards - where the wards are that may have replies posted, by the names that they are known by.
 */
export async function startLaboratory(file: string, wards: ReadonlyMap<string, string>, work: Examinations, kept: string[]): Promise<Laboratory> {
  const server = await listen();
  const baseUrl = `${server.origin}/fhir`;
  const cache = sqliteCache(file);
  const receiver = createReceiver<undefined, unknown>({
    source: baseUrl,
    cache,
    replyTo: {
      origins: (sender = '') => [wards.get(sender) ?? []].flat(),
      // The wards of this example are on the loopback address, which is not public.
      fetch: publicFetch({ privateOrigins: [...wards.values()] }),
      headers: () => ({ authorization: 'Bearer laboratory' }),
    },
  })
    .on(resultsOf, answerResultsOf)
    .on(discharged, keepDischarged(kept))
    .on(order, work.examine)
    .on(orderStatus, work.tellStatus);
  await receiver.resume();
  server.serve(httpHandler(receiver, { authenticate: (request) => /^Bearer (\w+)$/.exec(request.headers.get('authorization') ?? '')?.[1] }));
  return {
    baseUrl,
    receiver,
    async stop() {
      await receiver.close();
      await server.stop();
      cache.close();
    },
  };
}
