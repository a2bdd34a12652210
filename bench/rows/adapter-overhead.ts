import { readMessage } from '@fhir-messaging/core';
import { smartTransport } from '@fhir-messaging/fhirclient';
import smart from 'fhirclient';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { contestant } from '../contest.ts';
import type { Row } from '../contest.ts';
import { startServer } from '../loopback.ts';

const reply = '{"resourceType":"Bundle","type":"message"}';
const { baseUrl, received } = await startServer(reply);

/** A message through a SMART client, against the client's own request. */
export const adapterOverhead: Row = {
  name: 'adapter.overhead',
  protocol:
    "smartTransport of a message to a server in this process, which counts the request's bytes and answers with a small Bundle, against the client's own request of the same text to the same server; the text is written before for both. The two go through different fetches: the platform's, and the node-fetch that the client brings.",
  timesPeer: 1.3,
  prepare: ({ text }) => {
    const { bytes, ...message } = readMessage(text);
    const request = new IncomingMessage(new Socket());
    const client = smart(request, new ServerResponse(request)).client({ serverUrl: baseUrl, tokenResponse: { access_token: 'token' } });
    const transport = smartTransport(client);
    const { signal } = new AbortController();
    const headers = { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' };
    const arrived = (): number => Number(received.bytes === bytes.byteLength);
    return {
      answers: 2,
      ours: contestant(
        () => transport({ bytes, message: { ...message, bytes }, attempt: 1, signal }),
        ({ body }) => Number(new TextDecoder().decode(body) === reply) + arrived(),
      ),
      peers: {
        'fhirclient request': contestant(
          () => client.request<unknown>({ url: '$process-message', method: 'POST', body: text, headers, signal }),
          (bundle) => Number(JSON.stringify(bundle) === reply) + arrived(),
        ),
      },
    };
  },
};
