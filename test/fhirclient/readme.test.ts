import { defineEvent } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import smart from 'fhirclient';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { serve, startServer } from '../exchange/loopback.ts';
import { storageOf } from './smart-session.ts';

const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' }, scopes: ['user/Messaging.write'] });
const patient = { resourceType: 'Patient' as const, name: [{ family: 'Miller' }] };
const admitted: unknown[] = [];
const ward = createReceiver({ source: 'https://ward.example.org/fhir' }).on(admit, ({ payload, sender }) => void admitted.push([sender, payload.Patient.name]));
const server = await startServer(serve(httpHandler(ward, { authenticate: (request) => request.headers.get('authorization') ?? undefined })));

const session = { serverUrl: server.url, key: 'session-1', tokenResponse: { access_token: 'first', scope: 'openid' } };
const request = new IncomingMessage(new Socket());
Object.assign(request, { url: '/', headers: { host: '127.0.0.1' } });
const FHIR = { oauth2: smart(request, new ServerResponse(request), storageOf(new Map<string, unknown>([['SMART_KEY', 'session-1'], ['session-1', session]]))) };
const warnings: string[] = [];
const warn = (text: string): void => void warnings.push(text);

// README-START
import { createMessenger } from '@fhir-messaging/core';
import { scopeCheck, smartTransport } from '@fhir-messaging/fhirclient';

const client = await FHIR.oauth2.ready();
const check = scopeCheck(client, { onMissing: (missing) => warn(`You may need ${missing.join(' or ')}.`) });
const messenger = createMessenger({ transport: smartTransport(client), source: 'https://app.example.org', check });
const reply = await messenger.send(messenger.create(admit, { Patient: patient }));
// README-END

afterAll(() => server.stop());

it('the example of the README is the code above, to the letter', async () => {
  const [text, own] = await Promise.all(['../../packages/fhirclient/README.md', './readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
  const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

  expect(example).not.toBe('');
  expect(text).toContain(`\n\n\`\`\`ts\n${example}\`\`\``);
});

it('and sends a message in the session of a launched app, after a warning of its scopes', () => {
  expect(reply.kind).toBe('ok');
  expect(admitted).toEqual([['Bearer first', patient.name]]);
  expect(warnings).toEqual(['You may need user/Messaging.write.']);
});
