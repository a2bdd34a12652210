import { createMessage, defineEvent } from '@fhir-messaging/core';
import { expect, it, vi } from 'vitest';
import { messageTopicTransport } from './message-topic-transport.ts';
import type { MessageTopicTransportOptions } from './message-topic-transport.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'notification', focus: ['Patient'], payload: { Patient: '1..1' } });

it('takes its options from an instance of a class too, whose members are not its own: its authorization, its fetch', async () => {
  const fetch = vi.fn<(url: string, init: { readonly headers: Headers }) => Promise<Response>>().mockResolvedValue(new Response(null, { status: 200 }));
  const options: MessageTopicTransportOptions = Object.create({ baseUrl: 'https://ehr.example.org/r4', topicId: 't1', headers: { authorization: 'Basic x' }, fetch });
  const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const receipt = await messageTopicTransport(options)({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal });

  expect(receipt.custody).toBe(true);
  expect(fetch.mock.calls.map(([url, { headers }]) => [url, headers.get('authorization')])).toEqual([['https://ehr.example.org/r4/MessageTopic/t1/$message-post', 'Basic x']]);
});
