import { readMessage } from '@fhir-messaging/core';
import { medplumTransport } from '@fhir-messaging/medplum';
import { MedplumClient } from '@medplum/core';
import { contestant } from '../contest.ts';
import type { Row } from '../contest.ts';
import { startServer } from '../loopback.ts';

const reply = '{"resourceType":"Bundle","type":"message"}';
const { baseUrl, received } = await startServer(reply);

/** A message through a Medplum client, against the client's own post. */
export const medplumOverhead: Row = {
  name: 'adapter.overhead, medplum',
  protocol:
    "medplumTransport of a message to a server in this process, which counts the request's bytes and answers with a small Bundle, against the client's own post of the same text to the same server; the text is written before for both.",
  timesPeer: 1.3,
  prepare: ({ text }) => {
    const { bytes, ...message } = readMessage(text);
    const medplum = new MedplumClient({ baseUrl: `${baseUrl}/`, fhirUrlPath: '' });
    medplum.setAccessToken('token');
    const transport = medplumTransport(medplum);
    const url = medplum.fhirUrl('$process-message');
    const { signal } = new AbortController();
    const arrived = (): number => Number(received.bytes === bytes.byteLength);
    return {
      answers: 2,
      ours: contestant(
        () => transport({ bytes, message: { ...message, bytes }, attempt: 1, signal }),
        ({ body }) => Number(new TextDecoder().decode(body) === reply) + arrived(),
      ),
      peers: {
        '@medplum/core post': contestant(
          () => medplum.post<unknown>(url, text, 'application/fhir+json', { signal }),
          (bundle) => Number(JSON.stringify(bundle) === reply) + arrived(),
        ),
      },
    };
  },
};
