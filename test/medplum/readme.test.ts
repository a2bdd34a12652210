import { httpHandler, createReceiver } from '@fhir-messaging/receiver';
import { defineEvent } from '@fhir-messaging/core';
import { MedplumClient } from '@medplum/core';
import type { BotEvent, WithId } from '@medplum/core';
import type { Patient } from '@medplum/fhirtypes';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serve, startServer } from '../exchange/loopback.ts';
import { startMedplum } from './medplum-server.ts';
import type { MedplumServer } from './medplum-server.ts';
import { handler, send, sendAdmission } from './readme.ts';

let server: MedplumServer;
let medplum: MedplumClient;
beforeEach(async () => {
  server = await startMedplum(handler);
  medplum = new MedplumClient({ baseUrl: server.baseUrl, cacheTime: 0 });
});
afterEach(() => server.stop());

/** As an extended read gives it: what Medplum adds to `meta` refers to records of its own. */
const own = { author: { reference: 'Practitioner/9' }, compartment: [{ reference: 'Project/9' }] };
const patient: Patient = { resourceType: 'Patient', meta: own, identifier: [{ system: 'https://example.org/records', value: '7' }], managingOrganization: { reference: 'Organization/9' } };

describe("the README's examples", () => {
  it('are code that this test compiles and runs, to the letter', async () => {
    const [readme, source] = await Promise.all(['../../packages/medplum/README.md', './readme.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const shown = [...(readme ?? '').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => (code ?? '').split('\n').filter((line) => line !== ''));

    expect(shown.map((lines) => lines.length)).toEqual([7, 7, 7]);
    for (const line of shown.flat().filter((text) => !text.startsWith('import'))) {
      expect(source).toContain(line);
    }
  });

  it.each([undefined, 'Bot/b1/$execute', '$receive-message'])('a message through the client to the bot at %s is processed, and so is another about the same patient, who is found each time and never created again', async (path) => {
    const { id } = await medplum.createResource(patient);
    const replies = [await send(medplum, id, path), await send(medplum, id, path)];

    expect(replies.map((reply) => reply.kind === 'ok' && reply.message.graph.all('Patient')[0]?.id)).toEqual([id, id]);
    expect(await medplum.searchResources('Patient')).toHaveLength(1);
  });

  it('a bot sends to a third party, with the secrets of its project, and nothing of Medplum', async () => {
    const authorized: unknown[] = [];
    const received: string[] = [];
    const admit = defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
    const ward = createReceiver({ source: 'https://partner.example.org' }).on(admit, ({ sender, payload }) => {
      authorized.push(sender);
      received.push(JSON.stringify(payload));
    });
    const partner = await startServer(serve(httpHandler(ward, { authenticate: ({ headers }) => headers.get('authorization') ?? undefined })));
    try {
      const secrets = { PARTNER_URL: { name: 'PARTNER_URL', valueString: partner.url }, PARTNER_TOKEN: { name: 'PARTNER_TOKEN', valueString: 's3cret' } };
      const input = await medplum.createResource(patient);
      const event: BotEvent<WithId<Patient>> = { bot: { reference: 'Bot/b1' }, contentType: 'application/fhir+json', input, secrets };

      expect(await sendAdmission(medplum, event)).toBe('ok');
      expect(authorized).toEqual(['Bearer s3cret']);
      expect(Object.keys(partner.requests[0]?.headers ?? {})).not.toContain('x-medplum');
      expect(received.join()).toContain(`${server.baseUrl}fhir/R4/Organization/9`);
      expect(received.join()).not.toMatch(/Practitioner|Project/);
    } finally {
      await partner.stop();
    }
  });
});
