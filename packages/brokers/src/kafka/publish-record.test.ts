import { expect, it } from 'vitest';
import { publishRecord } from './publish-record.ts';

/** What the client throws, as it is: its code says only that it was not used as it should be. */
const misuse = (message: string): Error => Object.assign(new Error(message), { code: 'PLT_KFK_USER', canRetry: false });

it.each([
  ['a topic that no broker knows is one that takes nothing', misuse('Unknown topic replies.'), 'address.refused', 'no'],
  ['a producer in a transaction of the application takes nothing now, and may take it another time', misuse('Cannot produce messages outside of the transaction.'), 'transport.failed', 'no'],
  ['where one attempt may have arrived, nobody knows', new AggregateError([misuse('Unknown topic replies.'), Object.assign(new Error('reset'), { code: 'ECONNRESET' })]), 'transport.failed', 'unknown'],
])('publishRecord: %s', async (_, cause, code, delivery) => {
  const producer = { send: () => Promise.reject(cause) };
  const record = { topic: 'replies', value: new Uint8Array([1]), headers: {} };

  await expect(publishRecord(producer as never, record as never, new AbortController().signal, () => undefined)).rejects.toMatchObject({ code, delivery, cause });
});
