import { assemble, checkMessage, createMessage, fetchReader } from '@fhir-messaging/core';
import type { AssembleProgress } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from './record.ts';
import { startRecordServer } from './record-server.ts';
import type { RecordServer } from './record-server.ts';

const source = 'https://app.example.org';
let server: RecordServer;
beforeEach(async () => {
  server = await startRecordServer();
});
afterEach(() => server.stop());

describe.each([1, 40, 400])('assemble, from a FHIR REST server, with %i resources around the order', (count) => {
  it('makes one request for each level of references where the server takes batches', async () => {
    await server.add(...recordOf(count));

    const { payload, issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader(server));

    expect(server.requests).toEqual(['POST ', 'POST ', 'POST ']);
    expect(issues).toEqual([]);
    expect(payload.Observation?.length).toBe(count);
    expect([payload.Practitioner, payload.PractitionerRole, payload.Organization, payload.QuestionnaireResponse].map((slot) => slot?.length)).toEqual([1, 1, 1, 1]);
  });

  it('makes a search for each type of a level, and each 50 of it, where the server takes searches alone', async () => {
    await server.add(...recordOf(count));
    server.refuse = (request) => (request === 'POST ' ? 403 : undefined);

    const { payload, issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader(server));

    // The refused batch, the order, its QuestionnaireResponses; its patient and its requester's role; the practitioner and the organization.
    expect(server.requests.length).toBe(3 + 2 + Math.ceil(count / 50) + 2);
    expect(issues).toEqual([]);
    expect(payload.Observation?.length).toBe(count);
  });

  it.each([['with the base', true], ['without it', false]])('gives a payload that passes the strict check, %s', async (_says, isNamed) => {
    await server.add(...recordOf(count));

    const { payload } = await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader(server));
    const { graph } = createMessage(submitServiceRequest, payload, { source, ...(isNamed && { base: server.baseUrl }) });

    expect(graph.size).toBe(count + 7);
    expect(checkMessage(graph, { event: submitServiceRequest, mode: 'strict' }).filter(({ severity }) => severity !== 'information')).toEqual([]);
  });
});

it('assemble reads each resource once, and tells how far it is', async () => {
  await server.add(...recordOf(3));
  const { read, baseUrl } = fetchReader(server);
  const told: AssembleProgress[] = [];

  await assemble(submitServiceRequest, 'ServiceRequest/123', { read, baseUrl, onProgress: (progress) => told.push(progress) });

  expect(server.requests.toSorted()).toEqual(['GET Observation/o0', 'GET Observation/o1', 'GET Observation/o2', 'GET Organization/clinic', 'GET Patient/1', 'GET Practitioner/who', 'GET PractitionerRole/role', 'GET ServiceRequest/123']);
  expect(told[0]).toEqual({ found: 1, read: 0, left: 1 });
  expect(told.at(-1)).toEqual({ found: 8, read: 8, left: 0 });
  expect(told.every(({ found, read: done, left }) => found === done + left)).toBe(true);
});
