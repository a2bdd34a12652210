import { createMessage, createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
import type { Resource } from '@fhir-messaging/core';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createReceiver, httpHandler, toNodeHandler } from './index.ts';

const stored: unknown[] = [];
const store = async (_: Resource, sender: string | undefined): Promise<string> => {
  stored.push(sender);
  return String(stored.length);
};
const clientOf = (authorization: string | null): string | undefined => (authorization === 'Bearer t' ? 'app' : undefined);

// README-START
const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const receiver = createReceiver({ source: 'https://ward.example.org/fhir' })
  .on(admit, async ({ payload, sender }) => ({ focus: [{ resourceType: 'Patient', id: await store(payload.Patient, sender) }] }));
const handler = httpHandler(receiver, { authenticate: (request) => clientOf(request.headers.get('authorization')) });
const server = createServer(toNodeHandler(handler)).listen(0, '127.0.0.1');
// README-END

describe("the README's example", () => {
  it('is the code above, to the letter', async () => {
    const [readme, own] = await Promise.all(['../README.md', './readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(example).not.toBe('');
    expect(readme).toContain(`\n\n${example}\`\`\``);
    expect(readme?.split('\n').length).toBeLessThanOrEqual(115);
  });

  it('receives a message once, whatever its Patient refers to, and answers it again with the same reply', async () => {
    if (!server.listening) await once(server, 'listening');
    const transport = processMessageTransport({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers: { authorization: 'Bearer t' } });
    const messenger = createMessenger({ transport, source: 'https://app.example.org' });
    const referring = { resourceType: 'Patient', id: '7', managingOrganization: { reference: 'Organization/9' } } as const;
    const message = createMessage(admit, { Patient: referring }, { source: 'https://app.example.org', base: 'https://ehr.example.org/fhir' });
    const replies = [await messenger.send(message), await messenger.send(message)].map((reply) => (reply.kind === 'ok' ? reply.message.bundle : reply.kind));

    expect(replies[0]).toMatchObject({ type: 'message' });
    expect(replies[1]).toEqual(replies[0]);
    expect(stored).toEqual(['app']);
    await receiver.close();
    server.close();
  });
});
