import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import type { Messenger, PendingStore } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import type { Served } from './serve.ts';

/** A ward that sends to a laboratory, and takes what that sends later. */
export interface Ward {
  readonly messenger: Messenger;
  stop(): Promise<void>;
}

/**
 * Starts a ward on a server that listens already.
 *
 * @param pending - what remembers the orders that are not answered yet.
 */
export function startWard(server: Served, laboratory: string, pending: PendingStore): Ward {
  const source = `${server.origin}/fhir`;
  const transport = processMessageTransport({ baseUrl: laboratory, headers: { authorization: 'Bearer ward' } });
  const messenger = createMessenger({ transport, source, destination: laboratory, pending });
  const receiver = createReceiver({ source, replies: messenger, addressOf: (sender) => (sender === 'laboratory' ? laboratory : undefined) });
  server.serve(httpHandler(receiver, { authenticate: (request) => (request.headers.get('authorization') === 'Bearer laboratory' ? 'laboratory' : undefined) }));
  return {
    messenger,
    async stop() {
      await receiver.close();
      await messenger.close();
    },
  };
}
