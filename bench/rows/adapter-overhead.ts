import { readMessage } from '@fhir-messaging/core';
import type { Transport } from '@fhir-messaging/core';
import { smartTransport } from '@fhir-messaging/fhirclient';
import { medplumTransport } from '@fhir-messaging/medplum';
import { MedplumClient } from '@medplum/core';
import smart from 'fhirclient';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { contestant } from '../contest.ts';
import type { Row } from '../contest.ts';
import { startServer } from '../loopback.ts';

const reply = '{"resourceType":"Bundle","type":"message"}';
const { baseUrl, received } = await startServer(reply);
const contentType = 'application/fhir+json';

/** A client's adapter, and what the client itself does with the same text. */
interface Sides {
  readonly transport: Transport;
  readonly own: (text: string, signal: AbortSignal) => Promise<unknown>;
}

/** A message through a SMART client, against the client's own request. */
export const fhirclientOverhead: Row = overheadOf('adapter.overhead', 'smartTransport', 'fhirclient request', () => {
  const request = new IncomingMessage(new Socket());
  const client = smart(request, new ServerResponse(request)).client({ serverUrl: baseUrl, tokenResponse: { access_token: 'token' } });
  const headers = { 'content-type': contentType, accept: contentType };
  return {
    transport: smartTransport(client),
    own: (text, signal) => client.request<unknown>({ url: '$process-message', method: 'POST', body: text, headers, signal }),
  };
});

/** A message through a Medplum client, against the client's own post. */
export const medplumOverhead: Row = overheadOf('adapter.overhead, medplum', 'medplumTransport', '@medplum/core post', () => {
  const medplum = new MedplumClient({ baseUrl: `${baseUrl}/`, fhirUrlPath: '' });
  medplum.setAccessToken('token');
  return {
    transport: medplumTransport(medplum),
    own: (text, signal) => medplum.post<unknown>(medplum.fhirUrl('$process-message'), text, contentType, { signal }),
  };
});

function overheadOf(name: string, ours: string, peer: string, sidesOf: () => Sides): Row {
  return {
    name,
    protocol: `${ours} of a message to a server in this process, which counts the request's bytes and answers with a small Bundle, against the client's own sending (${peer}) of the same text to the same server; the text is written before for both. The adapters go through the platform's fetch; fhirclient's own request through the node-fetch that it brings.`,
    timesPeer: 1.3,
    prepare: ({ text }) => {
      const { bytes, ...message } = readMessage(text);
      const { transport, own } = sidesOf();
      const { signal } = new AbortController();
      const arrived = (): number => Number(received.bytes === bytes.byteLength);
      return {
        answers: 2,
        ours: contestant(
          () => transport({ bytes, message: { ...message, bytes }, attempt: 1, signal }),
          ({ body }) => Number(new TextDecoder().decode(body) === reply) + arrived(),
        ),
        peers: {
          [peer]: contestant(
            () => own(text, signal),
            (bundle) => Number(JSON.stringify(bundle) === reply) + arrived(),
          ),
        },
      };
    },
  };
}
