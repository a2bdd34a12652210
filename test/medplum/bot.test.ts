import { createMessage, createMessenger, createReply, defineEvent } from '@fhir-messaging/core';
import type { Reply } from '@fhir-messaging/core';
import { forMedplum, medplumBot, medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumBotContext } from '@fhir-messaging/medplum';
import { createReceiver } from '@fhir-messaging/receiver';
import { MedplumClient } from '@medplum/core';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMedplum } from './medplum-server.ts';
import type { MedplumServer } from './medplum-server.ts';

const system = 'https://example.org/events';
const eventNamed = (code: string) =>
  forMedplum(defineEvent({ coding: { system, code }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } }));
const admit = eventNamed('admit');
const fails = eventNamed('fails');
const rejects = eventNamed('rejects');
const quiet = eventNamed('quiet');
const unknown = eventNamed('unknown');
const source = 'https://app.example.org';
const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Miller' }] };
const never = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] };

const seen: { sender: string | undefined; context: MedplumBotContext<MedplumClient> }[] = [];

/** A bot that stores whom it admits, by the client that the server gave it. */
const bot = medplumBot(
  createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://ward.example.org' })
    .on(admit, async ({ payload, sender, context }) => {
      seen.push({ sender, context });
      return { focus: [await context.medplum.createResource(payload.Patient)] };
    })
    .on(fails, () => {
      throw new Error('the inside, Miller');
    })
    .on(rejects, () => ({ code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'no bed' }] }))
    .on(quiet, () => undefined),
);

let server: MedplumServer;
let medplum: MedplumClient;
beforeEach(async () => {
  seen.length = 0;
  server = await startMedplum(bot, { PARTNER_TOKEN: { name: 'PARTNER_TOKEN', valueString: 's3cret' } });
  medplum = new MedplumClient({ baseUrl: server.baseUrl });
});
afterEach(() => server.stop());

/** Sends by the real client, over HTTP, once. */
async function send(event: typeof admit, { path, header }: { path?: string | undefined; header?: object } = {}): Promise<Reply<Resource>> {
  const messenger = createMessenger({ transport: medplumTransport(medplum, { path }), source, retry: { maxAttempts: 1 } });
  return await messenger.send(createMessage(event, { Patient: patient }, { source, header }));
}

describe('medplumBot, behind a Medplum router over HTTP', () => {
  it.each([undefined, 'Bot/b1/$execute'])('processes a message that comes to %s, and its reply is read back', async (path) => {
    const reply = await send(admit, { path });

    const stored = reply.kind === 'ok' ? reply.message.graph.all('Patient')[0] : undefined;
    expect(stored).toMatchObject({ name: [{ family: 'Miller' }] });
    expect(await server.repository.readResource('Patient', stored?.id ?? '')).toMatchObject(patient);
  });

  it('gives handlers the client, the secrets, who asked, and the headers', async () => {
    await send(admit);

    expect(seen).toMatchObject([
      {
        sender: 'ClientApplication/c1',
        context: {
          secrets: { PARTNER_TOKEN: { valueString: 's3cret' } },
          requester: { reference: 'ClientApplication/c1' },
          headers: { 'content-type': 'application/fhir+json' },
        },
      },
    ]);
    expect(seen[0]?.context.medplum).toBeInstanceOf(MedplumClient);
  });

  it('counts ids within who asked: the same message of two requesters is two messages', async () => {
    const { bundle } = createMessage(admit, { Patient: patient }, { source });
    for (const reference of ['ClientApplication/c1', 'ClientApplication/c2', 'ClientApplication/c1']) {
      await bot(medplum, { input: bundle, secrets: {}, requester: { reference } });
    }

    expect(seen.map(({ sender }) => sender)).toEqual(['ClientApplication/c1', 'ClientApplication/c2']);
  });

  it('answers a resend in the same run with the same reply, and processes it once', async () => {
    const messenger = createMessenger({ transport: medplumTransport(medplum), source });
    const message = messenger.create(admit, { Patient: patient });
    const replies = [await messenger.send(message), await messenger.send(message)];

    expect(new Set(replies.map((reply) => (reply.kind === 'ok' ? reply.message.identity.ids[0]?.value : reply.kind))).size).toBe(1);
    expect(seen).toHaveLength(1);
  });
});

describe('errors of a bot, which cannot choose a status, are reply messages', () => {
  it.each([
    ['what the handler rejects', rejects, 'fatal-error', 'business-rule'],
    ['an event that nobody handles', unknown, 'fatal-error', 'not-supported'],
    ['what the handler throws: nothing of the inside, and a resend may be processed', fails, 'transient-error', 'exception'],
  ])('%s', async (_, event, kind, code) => {
    const reply = await send(event);

    expect(reply).toMatchObject({ kind, http: { status: 200 }, issues: [{ code }] });
    expect(JSON.stringify(reply.issues)).not.toContain('Miller');
  });

  it('content against its contract: fatal-error', async () => {
    const { bundle } = createMessage(admit, { Patient: patient }, { source });
    const answer = await bot(medplum, { input: { ...bundle, entry: [...(bundle.entry ?? []), { fullUrl: 'urn:uuid:6ab4fbe2-6a8a-4b5c-9a3d-0a3a3d5e8f11', resource: patient }] }, secrets: {} });

    expect(answer).toMatchObject({ resourceType: 'Bundle', entry: [{ resource: { response: { code: 'fatal-error' } } }, {}] });
  });

  it('also where no reply is wanted, since nothing else would tell', async () => {
    expect(await send(rejects, { header: never })).toMatchObject({ kind: 'fatal-error' });
  });

  it('where none can be, an OperationOutcome: what is no message, and a message that is a response', async () => {
    const response = createReply(createMessage(admit, { Patient: patient }, { source }), { source }).bundle;
    for (const input of [undefined, 7, 'MSH|^~', '{}', {}, response]) {
      expect(await bot(medplum, { input, secrets: {} })).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: expect.stringMatching(/error|fatal/) }] });
    }
  });
});

describe('what a bot gives back', () => {
  it('is an OperationOutcome with the id ok where no reply is wanted: 200, read as processed', async () => {
    expect(await send(quiet, { header: never })).toMatchObject({ kind: 'processed', http: { status: 200 } });
  });

  it('is 400 from a custom operation where it is no message', async () => {
    const answer = await fetch(`${server.baseUrl}fhir/R4/$process-message`, { method: 'POST', body: 'MSH|^~', headers: { 'content-type': 'application/fhir+json' } });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  it('takes the message as text, as bytes, and parsed', async () => {
    for (const inputOf of [({ bundle }: { bundle: object }) => JSON.stringify(bundle), ({ bytes }: { bytes: Uint8Array }) => bytes, ({ bundle }: { bundle: object }) => bundle]) {
      const message = createMessage(admit, { Patient: patient }, { source });
      const answer: Bundle | object = await bot(medplum, { input: inputOf(message), secrets: {} });

      expect(answer).toMatchObject({ resourceType: 'Bundle', type: 'message' });
    }
  });
});
