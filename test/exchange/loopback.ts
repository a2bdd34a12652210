import { createMessage, createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
import type { CreateMessageOptions, EventContract, Message, MessageCategory, Messenger, MessengerOptions, ProcessMessageTransportOptions, ProgressEvent } from '@fhir-messaging/core';
import { toNodeHandler } from '@fhir-messaging/receiver';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request. */
export type Step = (incoming: IncomingMessage, outgoing: ServerResponse) => void | Promise<void>;

/** A server on a free loopback port that follows a script, one step a request, and repeats the last. */
export interface Loopback {
  readonly url: string;
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

export async function startServer(...steps: readonly Step[]): Promise<Loopback> {
  const requests: Loopback['requests'] = [];
  const server = createServer((incoming, outgoing) => {
    const step = steps[Math.min(requests.length, steps.length - 1)];
    requests.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers });
    void step?.(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r4`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type FetchHandler = (request: Request) => Promise<Response>;

/** Answers as a receiver does. */
export const serve = (handler: FetchHandler): Step => toNodeHandler(handler);

/** Processes as a receiver does, and loses the reply on its way: the connection is destroyed in its place. */
export const dropReply = (handler: FetchHandler): Step => {
  const inner = toNodeHandler(handler);
  return (incoming, outgoing) => {
    const nowhere = { statusCode: 0, writableFinished: false, setHeader: () => undefined, on: () => undefined, end: () => outgoing.destroy() };
    inner(incoming, nowhere);
  };
};

/** Answers with a status, headers and a body. */
export const answer = (status: number, body = '', headers: Record<string, string> = {}): Step => (incoming, outgoing) => {
  incoming.resume().on('end', () => outgoing.writeHead(status, headers).end(body));
};

/** Reads the request, and resets the connection. */
export const reset: Step = (incoming) => {
  incoming.resume().on('end', () => incoming.socket.resetAndDestroy());
};

/** Begins an answer, and resets the connection in the middle of it. */
export const resetInBody = (status: number): Step => (incoming, outgoing) => {
  incoming.resume().on('end', () => {
    outgoing.writeHead(status, { 'content-length': '5000' });
    outgoing.write('{"resourceType":"Bundle",', () => incoming.socket.resetAndDestroy());
  });
};

/** Reads the request, and never answers. */
export const silence: Step = (incoming) => void incoming.resume();

export const source = 'https://app.example.org';

const table = { coding: { system: 'https://example.org/events', code: 'admit' }, focus: ['Patient'], payload: { Patient: '1..1' } } as const;

/** The event `admit`, of a category. */
export function admission(category: MessageCategory = 'consequence'): EventContract<typeof table & { readonly category: MessageCategory }> {
  return defineEvent({ ...table, category });
}

/** A message of the event `admit`. */
export function messageOf(category: MessageCategory = 'consequence', options: Partial<CreateMessageOptions> = {}): Message {
  return createMessage(admission(category), { Patient: { resourceType: 'Patient', name: [{ family: 'Miller' }] } }, { source, ...options });
}

/** A messenger over real sockets whose waits between attempts take no time and are kept, like its events. */
export function messengerTo(
  baseUrl: string,
  options: Partial<MessengerOptions> = {},
  transport: Partial<ProcessMessageTransportOptions> = {},
): { messenger: Messenger; waits: number[]; events: ProgressEvent[] } {
  const waits: number[] = [];
  const events: ProgressEvent[] = [];
  const messenger = createMessenger({
    transport: options.transport ?? processMessageTransport({ baseUrl, ...transport }),
    random: () => 0.5,
    sleep: (delayMs) => {
      waits.push(delayMs);
      return Promise.resolve();
    },
    observe: (event) => events.push(event),
    ...options,
  });
  return { messenger, waits, events };
}
