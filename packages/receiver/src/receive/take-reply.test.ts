import { createMessage, createMessenger, createReply, defineEvent } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { createReceiver } from '../create-receiver.ts';
import type { AddressOf } from './take-reply.ts';

const admit = defineEvent({ uri: 'https://example.org/admit', category: 'notification', focus: ['Patient'], payload: { Patient: '1..1' } });
const source = 'https://a.example/fhir';
const destination = 'https://b.example/fhir';
const custody: Transport = () => Promise.resolve({ custody: true, body: undefined });

/** What a receiver whose messenger sent a message answers to the response from a sender, and whether it reached who waits for it. */
async function answerTo(sender: string | undefined, addressOf?: AddressOf, to?: string): Promise<{ readonly status: number; readonly isSettled: boolean }> {
  const messenger = createMessenger({ transport: custody, source });
  const request: Message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source, destination: to });
  let isSettled = false;
  await messenger.send(request, { async: true, onProgress: ({ kind }) => (isSettled ||= kind === 'replied') });
  const receiver = createReceiver({ source, replies: messenger, addressOf });
  const { status, bundle } = await receiver.process(createReply(request, { source: destination }).bytes, { sender });
  expect(bundle).toBeUndefined();
  return { status, isSettled };
}

describe('a response from an authenticated sender', () => {
  const rows: readonly (readonly [who: string, sender: string | undefined, addressOf: AddressOf | undefined, status: number])[] = [
    ['the destination, by its address', `${destination}/`, undefined, 200],
    ['the destination, by a name', 'hospital-b', () => destination, 200],
    ['another one, by its address', 'https://c.example/fhir', undefined, 403],
    ['another one, by a name', 'hospital-c', () => 'https://c.example/fhir', 403],
    ['one whose address nobody knows', 'hospital-c', undefined, 403],
    ['one whose address its list does not have', 'hospital-c', () => undefined, 403],
    ['one whose name is the destination, and whose address its list does not have', destination, () => undefined, 403],
    ['nobody in particular, where nobody is authenticated', undefined, undefined, 200],
  ];

  it.each(rows)('%s: %s', async (_who, sender, addressOf, status) => {
    expect(await answerTo(sender, addressOf, destination)).toEqual({ status, isSettled: status === 200 });
  });

  it('is taken from anybody where the request names no destination: nothing says who should answer', async () => {
    expect(await answerTo('hospital-c')).toEqual({ status: 200, isSettled: true });
  });
});
