// A server in a process of its own, until its input ends: `node server.ts <receiver | bare | answering>`. It says on which port.
import { createReceiver, httpHandler, toNodeHandler } from '@fhir-messaging/receiver';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { event } from '../event.ts';
import { replyTo } from './reply.ts';

const listeners: Readonly<Record<string, () => RequestListener>> = {
  /** A receiver as its README shows it, whose handler reads what the message is about. */
  receiver: () =>
    toNodeHandler(httpHandler(createReceiver({ source: 'https://bench.example.org/fhir' }).on(event, ({ payload }) => ({ code: payload.ServiceRequest.length > 0 ? 'ok' : 'fatal-error' })))),
  /** Parses a message and writes the reply: what one would write by hand, and no more. */
  bare: () => answering((text) => JSON.stringify(replyTo(JSON.parse(text)))),
  /** Answers whatever comes with the reply to it, and parses nothing: as little as a server can do. */
  answering: () => {
    const id = /"MessageHeader","id":"([^"]*)"/;
    return answering((text) => JSON.stringify(replyTo({ entry: [{ resource: { id: id.exec(text)?.[1] ?? '' } }] })));
  },
};

function answering(answer: (text: string) => string): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(answer(Buffer.concat(chunks).toString())));
  };
}

const server = createServer(listeners[process.argv[2] ?? '']?.());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit());
