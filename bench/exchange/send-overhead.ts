import { createMessenger, processMessageTransport, readMessage } from '@fhir-messaging/core';
import { event } from '../event.ts';
import type { ExchangeRow } from './exchange-row.ts';
import { startServer } from './start-server.ts';

/** What a messenger costs over posting the JSON oneself. */
export const sendOverhead: ExchangeRow = {
  name: 'send.overhead',
  protocol:
    'messenger.send of one message, its bytes written before; bare is fetch of the same bytes to the same server, and JSON.parse of the reply. One after the other. The server, in a process of its own, reads the body and answers with the reply, and parses nothing.',
  bars: { 100: 1.4 },
  async prepare({ text }) {
    const server = await startServer('answering');
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }) });
    const message = readMessage(text, { event });
    const { bytes } = message;
    const messages = 100;
    const repeat = async (send: () => Promise<unknown>): Promise<void> => {
      for (let count = 0; count < messages; count += 1) await send();
    };
    const bare = async (): Promise<unknown> => {
      const headers = { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' };
      const response = await fetch(`${server.url}/$process-message`, { method: 'POST', body: bytes, headers });
      return response.json();
    };
    return {
      messages,
      ours: () => repeat(() => messenger.send(message)),
      bare: () => repeat(bare),
      answers: 1,
      right: async () => Number((await messenger.send(message)).kind === 'ok'),
      stop: () => server.stop(),
    };
  },
};
