import type { WithId } from '@medplum/core';
import type * as medplum from '@medplum/fhirtypes';
import type * as fhir4 from 'fhir/r4';
import type * as fhir5 from 'fhir/r5';
import { describe, expectTypeOf, it } from 'vitest';
import { createMessage, defineEvent, isNonEmpty, observeSubmission, payloadOf, readMessage, readReply, safeReadMessage, toOperationOutcome } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, EventContract, EventRule, Issue, Message, MessageCategory, Messenger, NamedEntry, PayloadOf, ReadMessageOptions, ReadPayloadOf, Slot, SubmissionOptions } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';

const table = {
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..1', Coverage: '0..*', Condition: '1..*', Observation: '2..5', Practitioner: '0..3' },
} as const;
const event: EventContract<typeof table> = defineEvent(table);
type Payload = PayloadOf<typeof event>;
type Read = ReadPayloadOf<typeof event>;

declare const order: fhir4.ServiceRequest;
declare const patient: fhir4.Patient;
declare const coverage: fhir4.Coverage;
declare const condition: fhir4.Condition;
declare const observation: fhir4.Observation;
declare const conditions: fhir4.Condition[];
declare const graph: BundleGraph;
declare const messenger: Messenger;
const options = { source: 'https://a.example' };
const minimal = { ServiceRequest: order, Condition: [condition], Observation: [observation, observation] } as const;

describe('the payload of an event', () => {
  it('has a required single slot for 1..1', () => {
    expectTypeOf<Payload['ServiceRequest']>().toEqualTypeOf<Slot<fhir4.ServiceRequest>>();
    expectTypeOf<Payload>().toHaveProperty('ServiceRequest');
    expectTypeOf<Slot<fhir4.Patient>>().toEqualTypeOf<fhir4.Patient | NamedEntry<fhir4.Patient>>();
    // @ts-expect-error the ServiceRequest is missing
    createMessage(event, { Condition: [condition], Observation: [observation, observation] }, options);
    // @ts-expect-error two where one is asked for
    createMessage(event, { ...minimal, ServiceRequest: [order, order] }, options);
    // @ts-expect-error nothing where one is asked for
    createMessage(event, { ...minimal, ServiceRequest: undefined }, options);
  });

  it('has an optional single slot for 0..1', () => {
    expectTypeOf<Payload['Patient']>().toEqualTypeOf<Slot<fhir4.Patient> | undefined>();
    createMessage(event, { ...minimal, Patient: undefined }, options);
    createMessage(event, { ...minimal, Patient: { fullUrl: 'urn:uuid:1', resource: patient } }, options);
    // @ts-expect-error a list where one is taken
    createMessage(event, { ...minimal, Patient: [patient] }, options);
  });

  it('has an optional list for 0..* and for 0..3', () => {
    expectTypeOf<Payload['Coverage']>().toEqualTypeOf<readonly Slot<fhir4.Coverage>[] | undefined>();
    expectTypeOf<Payload['Practitioner']>().toEqualTypeOf<readonly Slot<fhir4.Practitioner>[] | undefined>();
    createMessage(event, { ...minimal, Coverage: [] }, options);
    createMessage(event, { ...minimal, Coverage: [coverage, { fullUrl: 'urn:uuid:1', resource: coverage }] }, options);
    // @ts-expect-error one where a list is taken
    createMessage(event, { ...minimal, Coverage: coverage }, options);
  });

  it('has a list with an item for 1..*', () => {
    expectTypeOf<Payload['Condition']>().toEqualTypeOf<readonly [Slot<fhir4.Condition>, ...Slot<fhir4.Condition>[]]>();
    // @ts-expect-error an empty list where one at least is asked for
    createMessage(event, { ...minimal, Condition: [] }, options);
    // @ts-expect-error a list that may be empty
    createMessage(event, { ...minimal, Condition: conditions }, options);
    if (isNonEmpty(conditions)) {
      expectTypeOf(conditions).toExtend<readonly [fhir4.Condition, ...fhir4.Condition[]]>();
      createMessage(event, { ...minimal, Condition: conditions }, options);
    }
  });

  it('has a list of at least two for 2..5', () => {
    expectTypeOf<Payload['Observation']>().toEqualTypeOf<readonly [Slot<fhir4.Observation>, Slot<fhir4.Observation>, ...Slot<fhir4.Observation>[]]>();
    createMessage(event, { ...minimal, Observation: [observation, observation, observation] }, options);
    // @ts-expect-error one where two are asked for
    createMessage(event, { ...minimal, Observation: [observation] }, options);
  });

  it('has no other slots, and only resources of the right type in them', () => {
    // @ts-expect-error the contract has no Device
    createMessage(event, { ...minimal, Device: { resourceType: 'Device' } }, options);
    // @ts-expect-error a Patient where a ServiceRequest is asked for
    createMessage(event, { ...minimal, ServiceRequest: patient }, options);
    // @ts-expect-error a Patient under the fullUrl of a ServiceRequest
    createMessage(event, { ...minimal, ServiceRequest: { fullUrl: 'urn:uuid:1', resource: patient } }, options);
    // @ts-expect-error a slot with its resource and no fullUrl
    createMessage(event, { ...minimal, ServiceRequest: { resource: order } }, options);
    // @ts-expect-error a Patient among the Coverages
    createMessage(event, { ...minimal, Coverage: [coverage, patient] }, options);
    // @ts-expect-error a source is required (MessageHeader.source)
    createMessage(event, minimal, {});
    // @ts-expect-error other resources are not taken
    createMessage(event, { ...minimal, others: [patient] }, options);
  });

  it('has others where the contract takes other resources', () => {
    const open = defineEvent({ ...table, otherResources: true });

    expectTypeOf<PayloadOf<typeof open>>().toExtend<{ readonly others?: readonly Slot<fhir4.FhirResource>[] | undefined }>();
    createMessage(open, { ...minimal, others: [patient] }, options);
  });

  it('may be a graph, which then is checked when it runs', () => {
    expectTypeOf(createMessage(event, graph, options)).toEqualTypeOf<Message<typeof event, fhir4.FhirResource>>();
  });
});

describe('payloadOf', () => {
  it('reads each cardinality as its slot was written, as resources; a list is always there', () => {
    expectTypeOf<Read['ServiceRequest']>().toEqualTypeOf<fhir4.ServiceRequest>();
    expectTypeOf<Read['Patient']>().toEqualTypeOf<fhir4.Patient | undefined>();
    expectTypeOf<Read['Coverage']>().toEqualTypeOf<readonly fhir4.Coverage[]>();
    expectTypeOf<Read['Condition']>().toEqualTypeOf<readonly [fhir4.Condition, ...fhir4.Condition[]]>();
    expectTypeOf<Read['Observation']>().toEqualTypeOf<readonly [fhir4.Observation, fhir4.Observation, ...fhir4.Observation[]]>();
    expectTypeOf(payloadOf(event, graph)).toEqualTypeOf<Read>();
    expectTypeOf(payloadOf(event, graph).Condition[0].code).toEqualTypeOf<fhir4.CodeableConcept | undefined>();
    // @ts-expect-error the contract has no Device
    expectTypeOf(payloadOf(event, graph).Device).toBeAny();
  });
});

describe('defineEvent', () => {
  it('infers a literal without `as const`, and fits its annotation', () => {
    const inferred = defineEvent({ uri: 'https://example.org/note', category: 'notification', focus: ['Communication'], payload: { Communication: '1..1', Patient: '0..*' } });

    expectTypeOf<PayloadOf<typeof inferred>['Communication']>().toEqualTypeOf<Slot<fhir4.Communication>>();
    expectTypeOf(inferred.payload.Patient).toEqualTypeOf<'0..*'>();
    expectTypeOf(event).toExtend<AnyEvent>();
    expectTypeOf(submitServiceRequest).toExtend<AnyEvent>();
  });

  it('does not compile with what can be no contract', () => {
    // @ts-expect-error there is no resource type Pateint
    defineEvent({ ...table, payload: { ...table.payload, Pateint: '1..1' } });
    // @ts-expect-error a MessageHeader is in every message, not in a payload
    defineEvent({ ...table, payload: { ...table.payload, MessageHeader: '1..1' } });
    // @ts-expect-error "one" is no cardinality
    defineEvent({ ...table, payload: { ...table.payload, Device: 'one' } });
    // @ts-expect-error nor is "1"
    defineEvent({ ...table, payload: { ...table.payload, Device: '1' } });
    // @ts-expect-error nor is "1..n"
    defineEvent({ ...table, payload: { ...table.payload, Device: '1..n' } });
    // @ts-expect-error the focus is not in the payload
    defineEvent({ ...table, focus: ['Encounter'] });
    // @ts-expect-error there is no such category
    defineEvent({ ...table, category: 'important' });
    // @ts-expect-error there is no such reply
    defineEvent({ ...table, reply: 'sometimes' });
    // @ts-expect-error a coding has a code
    defineEvent({ ...table, coding: { system: 'https://example.org/events' } });
  });

  it('takes rules of its own, which say the type of what they take', () => {
    const rule = (given: BundleGraph): Issue[] => given.all('Patient').flatMap(() => []);
    const ruled = defineEvent({ ...table, rules: [rule, (given: BundleGraph) => (given.size > 1 ? [] : [])] });

    expectTypeOf(ruled.rules).toEqualTypeOf<readonly EventRule<fhir4.FhirResource>[]>();
    expectTypeOf<PayloadOf<typeof ruled>>().toEqualTypeOf<Payload>();
  });
});

describe('a contract for another union', () => {
  it("is over R5's resources", () => {
    const r5Event = event.for<fhir5.FhirResource>();
    const r5Order: fhir5.ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: {} };
    const r5Condition: fhir5.Condition = { resourceType: 'Condition', clinicalStatus: {}, subject: {} };
    const r5Observation: fhir5.Observation = { resourceType: 'Observation', status: 'final', code: {} };

    expectTypeOf(r5Event).toEqualTypeOf<EventContract<typeof table, fhir5.FhirResource>>();
    expectTypeOf<PayloadOf<typeof r5Event>['Patient']>().toEqualTypeOf<Slot<fhir5.Patient> | undefined>();
    const message = createMessage(r5Event, { ServiceRequest: r5Order, Condition: [r5Condition], Observation: [r5Observation, r5Observation] }, { ...options, release: 'R5' });
    expectTypeOf(message.graph).toEqualTypeOf<BundleGraph<fhir5.FhirResource>>();
    expectTypeOf(message.bundle.entry?.[0]?.resource).toEqualTypeOf<fhir5.FhirResource | undefined>();
    expectTypeOf(payloadOf(r5Event, message.graph).ServiceRequest).toEqualTypeOf<fhir5.ServiceRequest>();
    // @ts-expect-error R4's clinicalStatus may be missing, R5's may not
    createMessage(r5Event, { ServiceRequest: r5Order, Condition: [condition], Observation: [r5Observation, r5Observation] }, options);
  });

  it("takes Medplum's values in its slots without a cast", () => {
    const theirs = submitServiceRequest.for<medplum.Resource>();
    const theirOrder: medplum.ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } };
    const theirPatient: medplum.Patient = { resourceType: 'Patient', id: '1' };
    const found: WithId<medplum.Coverage>[] = [];

    const message = createMessage(theirs, { ServiceRequest: theirOrder, Patient: theirPatient, Coverage: found }, options);

    expectTypeOf(message.graph).toEqualTypeOf<BundleGraph<medplum.Resource>>();
    expectTypeOf(message.graph.all('Patient')).toEqualTypeOf<readonly medplum.Patient[]>();
    expectTypeOf(message.bundle).toExtend<medplum.Bundle>();
    expectTypeOf(payloadOf(theirs, message.graph).Coverage).toEqualTypeOf<readonly medplum.Coverage[]>();
  });
});

describe('a message', () => {
  it('carries its event, its resources and its bytes', () => {
    const message = createMessage(event, minimal, options);

    expectTypeOf(message.event).toEqualTypeOf<typeof event>();
    expectTypeOf(message.graph.get('Patient/1')).toEqualTypeOf<fhir4.Patient | undefined>();
    expectTypeOf(message.bytes).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
    expectTypeOf(message).toExtend<Message>();
    expectTypeOf(new Response(message.bytes)).toEqualTypeOf<Response>();
  });

  it('that is read has the event that it was read with, or none', () => {
    expectTypeOf(readMessage('{}').event).toEqualTypeOf<undefined>();
    expectTypeOf(readMessage('{}', { event: updateServiceRequest }).event).toEqualTypeOf<typeof updateServiceRequest>();
    expectTypeOf(payloadOf(updateServiceRequest, readMessage('{}', { event: updateServiceRequest }).graph).Patient).toEqualTypeOf<fhir4.Patient>();
  });

  it('that is read with several events has the one that it names, or none', () => {
    const message = readMessage('{}', { events: [updateServiceRequest] });

    expectTypeOf(message.event).toEqualTypeOf<AnyEvent | undefined>();
    expectTypeOf(message.event?.category).toEqualTypeOf<MessageCategory | undefined>();
    expectTypeOf(message.graph.all('Patient')).toEqualTypeOf<readonly fhir4.Patient[]>();
    expectTypeOf(safeReadMessage('{}', { events: [updateServiceRequest] }).message?.event).toEqualTypeOf<AnyEvent | undefined>();
    expectTypeOf(safeReadMessage('{}', { event: updateServiceRequest }).message?.event).toEqualTypeOf<typeof updateServiceRequest | undefined>();
    expectTypeOf(safeReadMessage('{}').message?.event).toEqualTypeOf<undefined>();
  });

  it('that is read with options from elsewhere has the event that those say', () => {
    const read = (text: string, given?: ReadMessageOptions): Message => readMessage(text, given);
    const safely = (text: string, given?: ReadMessageOptions): Message | undefined => safeReadMessage(text, given).message;
    const maybe: typeof updateServiceRequest | undefined = Math.random() < 0.5 ? updateServiceRequest : undefined;

    expectTypeOf(read).returns.toEqualTypeOf<Message>();
    expectTypeOf(safely).returns.toEqualTypeOf<Message | undefined>();
    expectTypeOf(readMessage('{}', { event: maybe }).event).toEqualTypeOf<typeof updateServiceRequest | undefined>();
    expectTypeOf(safeReadMessage('{}', { event: maybe }).message?.event).toEqualTypeOf<typeof updateServiceRequest | undefined>();
  });

  it('that is read is what a submission was that may have arrived, with or without its contract', () => {
    const submissionOf = (options: SubmissionOptions<fhir4.FhirResource>): unknown => observeSubmission(messenger, updateServiceRequest, options);

    expectTypeOf(submissionOf).toBeCallableWith({ unsettled: readMessage('{}') });
    expectTypeOf(submissionOf).toBeCallableWith({ unsettled: readMessage('{}', { events: [updateServiceRequest] }) });
    expectTypeOf(submissionOf).toBeCallableWith({ unsettled: readMessage('{}', { event: updateServiceRequest }) });
    observeSubmission(messenger, updateServiceRequest, { unsettled: readMessage('{}') });
  });

  it('that came back has a graph of resources', () => {
    expectTypeOf(readReply('{}').message.graph.all('OperationOutcome')).toEqualTypeOf<readonly fhir4.OperationOutcome[]>();
  });
});

describe('an OperationOutcome of issues', () => {
  it("fits functions that take R4's, R5's or Medplum's", () => {
    expectTypeOf(toOperationOutcome([])).toExtend<fhir4.OperationOutcome>();
    expectTypeOf(toOperationOutcome([])).toExtend<fhir5.OperationOutcome>();
    expectTypeOf(toOperationOutcome([])).toExtend<medplum.OperationOutcome>();
  });
});
