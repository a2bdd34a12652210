import { assemble, defineEvent } from '@fhir-messaging/core';
import type { AnyEvent, AssembleOptions, EventContract, Resource } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { failure } from './failure.ts';
import { answers, observation, order, patient } from './record.ts';
import { baseUrl, readerOf, referenceTo } from './record-reader.ts';
import type { RecordReader } from './record-reader.ts';

const other = { resourceType: 'Patient', id: '2', identifier: [{ system: 'https://example.org/mrn', value: '88' }] };
const coverage = (more: object): object => ({ resourceType: 'Coverage', id: 'c', status: 'active', payor: [{ display: 'x' }], ...more });
const numbered = (value: string): object => ({ system: 'https://example.org/mrn', value });
/** An order with some resources around it. */
const around = (...resources: readonly object[]): RecordReader => readerOf([patient, other, ...resources, order({ supportingInfo: resources.map(referenceTo) })]);

const appointment = (id: string, more: object = {}): object => ({ resourceType: 'Appointment', id, status: 'booked', participant: [{ actor: { reference: 'Patient/2' }, status: 'accepted' }], ...more });
const delivery = { resourceType: 'SupplyRequest', id: 's', status: 'active', requester: { reference: 'Patient/1' } };
/** What another patient, such as the mother, said of something. */
const provenance = (...target: readonly string[]): object => ({ resourceType: 'Provenance', id: 'v', target: target.map((reference) => ({ reference })), agent: [{ who: { reference: 'Patient/2' } }] });
const taking = (...types: readonly string[]): AnyEvent =>
  defineEvent({ uri: 'https://example.org/records', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1', ...Object.fromEntries(types.map((type) => [type, '0..*'])) } });
const records = taking('Observation', 'Coverage', 'QuestionnaireResponse', 'Appointment', 'SupplyRequest');

async function mismatches(reader: AssembleOptions, event: AnyEvent = submitServiceRequest, focus = 'ServiceRequest/123'): Promise<readonly string[]> {
  const work = assemble(event as EventContract, focus, reader);
  if (await work.then(() => true, () => false)) return [];
  const error = await failure(work);
  expect(error.code).toBe('patient.mismatch');
  expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/MILLER|Patient\/2|88/);
  return error.issues.flatMap(({ expression = [] }) => expression);
}

describe('assemble hands out nothing that is not about the one patient of the focus (patient.mismatch)', () => {
  it.each([
    ['an Observation of another patient', observation('x', { subject: { reference: 'Patient/2' } }), ['Observation[0].subject']],
    ['by its URL', observation('x', { subject: { reference: `${baseUrl}/Patient/2` } }), ['Observation[0].subject']],
    ['by a version', observation('x', { subject: { reference: 'Patient/2/_history/1' } }), ['Observation[0].subject']],
    ['on another server, with the same id', observation('x', { subject: { reference: 'https://elsewhere.example/Patient/1' } }), ['Observation[0].subject']],
    ['by an identifier', observation('x', { subject: { identifier: { system: 'https://example.org/mrn', value: '88' } } }), ['Observation[0].subject']],
    ['by a reference to the patient beside an identifier that is not the patient\'s', observation('x', { subject: { reference: 'Patient/1', identifier: { system: 'https://example.org/mrn', value: '88' } } }), ['Observation[0].subject']],
    ['by an identifier without a system', observation('x', { subject: { identifier: { value: '77' } } }), ['Observation[0].subject']],
    ['by a search', observation('x', { subject: { reference: 'Patient?identifier=77' } }), ['Observation[0].subject']],
    ['in itself', observation('x', { subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }), ['Observation[0].subject']],
    ['by a display alone', observation('x', { subject: { display: 'Somebody' } }), ['Observation[0].subject']],
    ['by an identifier beside why there is no literal', observation('x', { subject: { _reference: { extension: [] }, identifier: { system: 'https://example.org/mrn', value: '88' } } }), ['Observation[0].subject']],
    ['by an identifier beside what is none of a Reference', observation('x', { subject: { use: 'x', identifier: { system: 'https://example.org/mrn', value: '88' } } }), ['Observation[0].subject']],
    ['of a group', observation('x', { subject: { reference: 'Group/1' } }), ['Observation[0].subject']],
    ['a contained resource of another patient', observation('x', { contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: 'Patient/2' } }] }), ['Observation[0].contained[0].subject']],
    ["another beneficiary's Coverage", coverage({ beneficiary: { reference: 'Patient/2' } }), ['Coverage[0].beneficiary']],
    ['one that the patient only subscribed', coverage({ beneficiary: { reference: 'Patient/2' }, subscriber: { reference: 'Patient/1' } }), ['Coverage[0].beneficiary']],
    ...[
      { reference: 'https://elsewhere.example/Patient/1' },
      { reference: 'Patient?identifier=88' },
      { reference: '#p' },
      { type: 'Patient', identifier: { system: 'https://example.org/mrn', value: '88' } },
      { type: 'Patient', identifier: { system: 'https://example.org/mrn', value: '88' }, _reference: { extension: [] } },
    ].map(
      (author): [string, object, string[]] => [
        `one without a subject that speaks of ${JSON.stringify(author)}`,
        { resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', author, contained: [{ resourceType: 'Patient', id: 'p' }] },
        ['QuestionnaireResponse[0].author'],
      ],
    ),
    ['one without a subject that speaks of whom a system of the patient\'s numbers otherwise', { resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', author: { identifier: numbered('88') } }, ['QuestionnaireResponse[0].author']],
    ['an Appointment of such a one', appointment('x', { participant: [{ actor: { identifier: numbered('88') }, status: 'accepted' }] }), ['Appointment[0].participant[0].actor']],
    ['one without a subject that speaks of another patient', { resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', author: { reference: 'Patient/2' } }, ['QuestionnaireResponse[0].author']],
    ['an Appointment of another patient that contains what is about the patient', appointment('x', { contained: [{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/1' } }] }), ['Appointment[0].participant[0].actor']],
    ['an Observation that contains an Appointment of another patient', observation('x', { contained: [appointment('a')] }), ['Observation[0].contained[0].participant[0].actor']],
    ['a contained Provenance of something else by another patient', observation('x', { contained: [provenance('#', 'Observation/99')] }), ['Observation[0].contained[0].agent[0].who']],
    ['a contained Provenance of another patient', observation('x', { contained: [provenance('#', '#p'), { resourceType: 'Patient', id: 'p' }] }), ['Observation[0].contained[0].target[1]']],
    ['a contained Provenance of nothing by another patient', observation('x', { contained: [provenance()] }), ['Observation[0].contained[0].agent[0].who']],
    ['a contained questionnaire without a subject that another patient filled in', observation('x', { contained: [{ resourceType: 'QuestionnaireResponse', id: 'q', author: { reference: 'Patient/2' } }] }), ['Observation[0].contained[0].author']],
    ['a contained Person who is another patient', observation('x', { contained: [{ resourceType: 'Person', id: 'n', link: [{ target: { reference: 'Patient/2' } }] }] }), ['Observation[0].contained[0].link[0].target']],
    ['a delivery for another patient (R5 SupplyRequest.deliverFor)', { ...delivery, deliverFor: { reference: 'Patient/2' } }, ['SupplyRequest[0].deliverFor']],
    ['a delivery to another patient (R4 SupplyRequest.deliverTo)', { ...delivery, deliverTo: { reference: 'Patient/2' } }, ['SupplyRequest[0].deliverTo']],
  ])('%s', async (_says, resource, paths) => {
    const reader = around(resource);

    expect(await mismatches(reader, records)).toEqual(paths);
    expect(reader.asked).not.toContain('Patient/2');
  });

  const documents = taking('Bundle', 'Parameters');
  const named = (id: string, system = 'https://example.org/mrn'): object => ({ resourceType: 'Patient', id, identifier: [{ system, value: '77' }] });
  const inBundle = (...entry: object[]): object => ({ resourceType: 'Bundle', id: 'd', type: 'document', entry });
  const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';

  it.each([
    ['whose composition is about another patient', inBundle({ resource: { resourceType: 'Composition', subject: { reference: 'Patient/2' } } }), ['Bundle[0].entry[0].resource.subject']],
    ['which holds another patient', inBundle({ resource: other }), ['Bundle[0].entry[0].resource']],
    ['which holds a patient of the same id on another server', inBundle({ fullUrl: 'https://elsewhere.example/Patient/1', resource: named('1', 'https://elsewhere.example') }), ['Bundle[0].entry[0].resource']],
    [
      'which refers to such a one within that server',
      inBundle({ fullUrl: 'https://elsewhere.example/Composition/1', resource: { resourceType: 'Composition', id: '1', subject: { reference: 'Patient/1' } } }),
      ['Bundle[0].entry[0].resource.subject'],
    ],
    [
      'which contains what refers to such a one within that server',
      inBundle({ fullUrl: 'https://elsewhere.example/List/1', resource: { resourceType: 'List', id: '1', contained: [{ resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/1' } }] } }),
      ['Bundle[0].entry[0].resource.contained[0].subject'],
    ],
    ['whose patient cannot be told', inBundle({ fullUrl: urn, resource: { resourceType: 'Patient' } }), ['Bundle[0].entry[0].resource']],
    ['in a Bundle within it', inBundle({ resource: inBundle({ resource: observation('x', { subject: { reference: 'Patient/2' } }) }) }), ['Bundle[0].entry[0].resource.entry[0].resource.subject']],
    ['which holds an Appointment of another patient', inBundle({ fullUrl: `${baseUrl}/Appointment/a`, resource: appointment('a') }), ['Bundle[0].entry[0].resource.participant[0].actor']],
    ['which holds a questionnaire that a patient in it filled in, who cannot be told', inBundle({ resource: { resourceType: 'QuestionnaireResponse', author: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] } }), ['Bundle[0].entry[0].resource.author']],
    ['which holds the Provenance of what it does not hold', inBundle({ fullUrl: `${baseUrl}/Provenance/v`, resource: provenance('Observation/o') }), ['Bundle[0].entry[0].resource.agent[0].who']],
    ['which holds the Provenance of another patient', inBundle({ fullUrl: `${baseUrl}/Provenance/v`, resource: provenance('Patient/2') }), ['Bundle[0].entry[0].resource.target[0]', 'Bundle[0].entry[0].resource.agent[0].who']],
    [
      'of parameters that hold an Appointment of another patient beside what is about the patient',
      { resourceType: 'Parameters', id: 'd', parameter: [{ name: 'o', resource: observation('o') }, { name: 'a', resource: appointment('a') }] },
      ['Parameters[0].parameter[1].resource.participant[0].actor'],
    ],
    ['of parameters that hold another patient', { resourceType: 'Parameters', id: 'd', parameter: [{ name: 'p', part: [{ name: 'q', resource: other }] }] }, ['Parameters[0].parameter[0].part[0].resource']],
  ])('a document %s', async (_says, document, paths) => {
    expect(await mismatches(around(document), documents)).toEqual(paths);
  });

  const plan = { system: 'https://example.org/plans', value: '9' };
  const taken = async (own: readonly object[], within: object): Promise<boolean> => {
    const document = inBundle({ fullUrl: urn, resource: { resourceType: 'Patient', ...within } }, { resource: { resourceType: 'Composition', subject: { reference: urn } } });
    return (await mismatches(readerOf([{ ...patient, identifier: own }, document, order({ supportingInfo: [referenceTo(document)] })]), documents)).length === 0;
  };

  it('a document whose patient shares an identifier, as one of a household does, and has another in a system of the patient\'s, in whichever order', async () => {
    expect(await taken([numbered('77'), plan], { identifier: [plan, numbered('88')] })).toBe(false);
    expect(await taken([numbered('77'), plan], { identifier: [numbered('88'), plan] })).toBe(false);
    expect(await taken([numbered('77'), plan], { identifier: [{ ...plan, value: '8' }, plan, numbered('88')] })).toBe(false);
    expect(await taken([numbered('77'), plan], { identifier: [{ system: 'https://example.org/other', value: '5' }, plan] })).toBe(false);
  });

  it('but a document of the patient with an old and a new number in one system, or an identifier of a system that the patient has not', async () => {
    expect(await taken([numbered('77'), plan], { identifier: [numbered('70'), numbered('77')] })).toBe(true);
    expect(await taken([numbered('70'), numbered('77')], { identifier: [numbered('77'), numbered('60')] })).toBe(true);
    expect(await taken([numbered('77')], { identifier: [numbered('77'), plan] })).toBe(true);
  });

  it('a document whose patient has the id of the patient, and another identifier in the same system', async () => {
    const document = inBundle({ resource: { ...patient, identifier: [numbered('88')] } });

    expect(await mismatches(around(document), documents)).toEqual(['Bundle[0].entry[0].resource']);
  });

  it('a document that refers to the patient in it beside an identifier that is not the patient\'s', async () => {
    const document = inBundle({ fullUrl: urn, resource: named('x') }, { resource: observation('o', { subject: { reference: urn, identifier: numbered('88') } }) });

    expect(await mismatches(around(document), documents)).toEqual(['Bundle[0].entry[1].resource.subject']);
  });

  it.each([
    ['by the id', inBundle({ resource: { resourceType: 'Composition', subject: { reference: 'Patient/1' } } }, { resource: patient })],
    ['by the URL', inBundle({ fullUrl: `${baseUrl}/Composition/1`, resource: { resourceType: 'Composition', id: '1', subject: { reference: 'Patient/1' } } }, { fullUrl: `${baseUrl}/Patient/1`, resource: patient })],
    ['by an identifier', inBundle({ resource: { resourceType: 'Composition', subject: { reference: urn } } }, { fullUrl: urn, resource: named('x') })],
    ['as one of the participants of an Appointment', inBundle({ resource: appointment('a', { participant: ['2', '1'].map((id) => ({ actor: { reference: `Patient/${id}` } })) }) })],
    ['beside its Provenance by another patient', inBundle({ fullUrl: `${baseUrl}/Observation/o`, resource: observation('o') }, { fullUrl: `${baseUrl}/Provenance/v`, resource: provenance('Observation/o/_history/1') })],
    ...['Patient/9/_history/3', 'https://elsewhere.example/Patient/9/_history/3'].map((reference): [string, object] => [
      `of another server, by ${reference}`,
      inBundle({ fullUrl: 'https://elsewhere.example/Composition/1', resource: { resourceType: 'Composition', id: '1', subject: { reference } } }, { fullUrl: 'https://elsewhere.example/Patient/9', resource: named('9') }),
    ]),
    ['signed by another patient', { ...inBundle({ resource: observation('x') }), signature: { who: { reference: 'Patient/2' } } }],
    ['as an author by an identifier', inBundle({ resource: { resourceType: 'QuestionnaireResponse', author: { reference: urn } } }, { fullUrl: urn, resource: named('x') })],
  ])('takes a document about the patient, %s', async (_says, document) => {
    expect(await mismatches(around(document), documents)).toEqual([]);
  });

  it('reads parameters a fixed number of times, however deep in parameters they are', async () => {
    const readsAt = async (levels: number): Promise<number> => {
      let reads = 0;
      const valueReference = new Proxy({ reference: 'Organization/1' }, { get: (target, name, receiver) => (reads++, Reflect.get(target, name, receiver)), ownKeys: (target) => (reads++, Reflect.ownKeys(target)) });
      let nested: Resource & { id?: string } = Object({ resourceType: 'Parameters', parameter: [{ name: 'r', valueReference }] });
      for (let level = 0; level < levels; level += 1) nested = Object({ resourceType: 'Parameters', id: 'd', parameter: [{ name: 'p', resource: nested }] });
      expect(await mismatches({ ...around({ resourceType: 'Parameters', id: 'd' }), known: [nested] }, documents)).toEqual([]);
      return reads;
    };

    expect(await readsAt(40)).toBe(await readsAt(2));
  });

  it('among many, each by its path', async () => {
    const wrong = { subject: { reference: 'Patient/2' } };

    expect(await mismatches(around(observation('a'), observation('b', wrong), observation('c'), observation('d', wrong)))).toEqual(['Observation[1].subject', 'Observation[3].subject']);
  });

  it('what a search for the order found, too', async () => {
    const found = { ...answers, subject: { reference: 'Patient/2' } };
    const search = () => Promise.resolve({ resourceType: 'Bundle', type: 'searchset', entry: [{ resource: found }] });

    expect(await mismatches({ ...around(), search })).toEqual(['QuestionnaireResponse[0].subject']);
  });

  it('and what the caller held', async () => {
    const reader = around(observation('x'));

    expect(await mismatches({ ...reader, known: [observation('x', { subject: { reference: 'Patient/2' } }) as Resource] })).toEqual(['Observation[0].subject']);
  });

  it.each([
    ['by its id', observation('x')],
    ['by its URL', observation('x', { subject: { reference: `${baseUrl}/Patient/1` } })],
    ['by an identifier of the patient', observation('x', { subject: { identifier: { system: 'https://example.org/mrn', value: '77' } } })],
    ['by its id beside an identifier of the patient', observation('x', { subject: { reference: 'Patient/1', identifier: { system: 'https://example.org/mrn', value: '77' } } })],
    ['by its id beside an identifier of a system that the patient has not', observation('x', { subject: { reference: 'Patient/1', identifier: { system: 'https://example.org/visits', value: '88' } } })],
    ['not at all', observation('x', { subject: undefined })],
    ['as one of the participants of an Appointment', appointment('x', { participant: ['2', '1'].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'accepted' })) })],
    ['beside its Provenance by another patient', observation('x', { contained: [provenance('#')] })],
    ['beside who measured, by an identifier of a system that numbers patients and practitioners', observation('x', { performer: [{ identifier: numbered('88') }] })],
    ['as one of the participants, by an identifier, beside a practitioner of the same system', appointment('x', { participant: ['88', '77'].map((value) => ({ actor: { identifier: numbered(value) }, status: 'accepted' })) })],
    ['not at all, but a practitioner by an identifier of that system and the type', appointment('x', { participant: [{ actor: { type: 'Practitioner', identifier: numbered('88') }, status: 'accepted' }] })],
    ['not at all, but somebody by an identifier of another system', appointment('x', { participant: [{ actor: { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '88' } }, status: 'accepted' }] })],
    ['not at all, but whose a role is by an identifier of that system', observation('x', { contained: [{ resourceType: 'PractitionerRole', id: 'r', practitioner: { identifier: numbered('88') } }] })],
    ['as whom a delivery to another place is for', { ...delivery, deliverFor: { reference: 'Patient/1' }, deliverTo: { reference: 'Location/2' } }],
    ['as the beneficiary of a Coverage that another patient subscribed', coverage({ beneficiary: { reference: 'Patient/1' }, subscriber: { reference: 'Patient/2' } })],
  ])('takes what names the patient %s', async (_says, resource) => {
    const reader = around(resource);

    expect(await mismatches(reader, records)).toEqual([]);
    expect(reader.asked).not.toContain('Patient/2');
  });

  const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['Patient', 'Organization', 'ServiceRequest'], payload: { Patient: '0..*', Organization: '0..*', Observation: '0..*', ServiceRequest: '0..*' } } as const;
  const several = defineEvent(table);

  it('a focus that is the patient', async () => {
    const { payload } = await assemble(several, 'Patient/1', readerOf([{ ...patient, link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }] }, other]));

    expect(payload.Patient?.map(({ id }) => id)).toEqual(['1']);
  });

  it('a focus that says its patient by identifier', async () => {
    const focus = order({ subject: { identifier: { system: 'https://example.org/mrn', value: '77' } }, supportingInfo: [{ reference: 'Observation/x' }] });

    expect(await mismatches(readerOf([focus, patient, observation('x')]), several as AnyEvent)).toEqual([]);
    expect(await mismatches(readerOf([focus, other, observation('x', { subject: { reference: 'Patient/2' } })]), several as AnyEvent)).toEqual(['Observation[0].subject', 'Patient[0]']);
  });

  it('a focus that says its patient by an identifier that two patients of a server have, as one of a household, is about one of them', async () => {
    const plan = { system: 'https://example.org/plans', value: '9' };
    const focus = order({ subject: { identifier: plan }, supportingInfo: [{ reference: 'Observation/x' }, { reference: 'Observation/y' }] });
    const household = [patient, other].map((each) => ({ ...each, identifier: [...each.identifier, plan] }));
    const reader = readerOf([focus, ...household, observation('x'), observation('y', { subject: { reference: 'Patient/2' } })]);

    expect(await mismatches(reader, several as AnyEvent)).toEqual(['Observation[1].subject', 'Patient[1]']);
  });

  it('a focus that says its patient by an identifier takes what two servers call that one', async () => {
    const there = 'https://elsewhere.example';
    const focus = order({ subject: { identifier: patient.identifier[0] }, supportingInfo: [{ reference: 'Observation/x' }, { reference: `${there}/Observation/y` }] });
    const elsewhere = [readerOf([{ ...patient, id: '5' }, observation('y', { subject: { reference: 'Patient/5' } })], there)];

    expect(await mismatches({ ...readerOf([focus, patient, observation('x')]), elsewhere }, several as AnyEvent)).toEqual([]);
  });

  it.each([
    ['of a household', [{ system: 'https://example.org/mrn', value: '88' }], ['Observation[1].subject', 'Patient[1]']],
    ['who is that one, with a number more', [{ system: 'https://example.org/mrn', value: '60' }, patient.identifier[0]], []],
  ])('a focus that says its patient by an identifier, beside a Patient of another server %s', async (_says, identifier, paths) => {
    const there = 'https://elsewhere.example';
    const plan = { system: 'https://example.org/plans', value: '9' };
    const focus = order({ subject: { identifier: patient.identifier[0] }, supportingInfo: [{ reference: 'Observation/x' }, { reference: `${there}/Observation/y` }] });
    const elsewhere = [readerOf([{ ...patient, id: '5', identifier: [...identifier, plan] }, observation('y', { subject: { reference: 'Patient/5' } })], there)];

    expect(await mismatches({ ...readerOf([focus, { ...patient, identifier: [...patient.identifier, plan] }, observation('x')]), elsewhere }, several as AnyEvent)).toEqual(paths);
  });

  it('a focus that says its patient by identifier is not led to whoever else is named on the way', async () => {
    const focus = order({ subject: { identifier: { system: 'https://example.org/mrn', value: '77' } }, insurance: [{ reference: 'Coverage/c' }] });
    const reader = readerOf([focus, patient, other, coverage({ subscriber: { reference: 'Patient/2' }, beneficiary: { reference: 'Patient/1' } })]);

    expect(await mismatches(reader)).toEqual([]);
    expect(reader.asked).not.toContain('Patient/2');
  });

  it('nor to who only filled in what is contained in something about another', async () => {
    const focus = order({ subject: { identifier: { system: 'https://example.org/mrn', value: '77' } }, supportingInfo: [{ reference: 'Observation/x' }] });
    const reader = readerOf([focus, patient, other, observation('x', { contained: [{ resourceType: 'QuestionnaireResponse', id: 'q', author: { reference: 'Patient/2' } }] })]);

    expect(await mismatches(reader, several as AnyEvent)).toEqual(['Observation[0].contained[0].author']);
    expect(reader.asked).not.toContain('Patient/2');
  });

  const mrn = { identifier: { system: 'https://example.org/mrn', value: '77' } };
  const by = (reference: string): object => ({ reference });
  const condition = (subject: object): object => ({ resourceType: 'Condition', id: 'c', subject });
  const meeting = (...ids: string[]): object => appointment('a', { participant: ids.map((id) => ({ actor: by(`Patient/${id}`), status: 'accepted' })) });

  it.each([
    ['an Appointment of that one that contains something said to be about the same identifier', { ...meeting('1'), contained: [condition(mrn)] }],
    ['something about that identifier that contains an Appointment of that one', observation('x', { subject: mrn, contained: [meeting('1')] })],
    ['something about that identifier that contains a Provenance of that one', observation('x', { subject: mrn, contained: [provenance('Patient/1')] })],
    ['an Appointment of that one and another that contains something about that one', { ...meeting('2', '1'), contained: [condition(by('Patient/1'))] }],
  ])('a focus that says its patient by an identifier takes %s', async (_says, resource) => {
    const reader = readerOf([order({ subject: mrn, supportingInfo: [referenceTo(resource)] }), patient, other, resource]);

    expect(await mismatches(reader, taking('Observation', 'Appointment', 'Bundle'))).toEqual([]);
    expect(reader.asked).not.toContain('Patient/2');
  });

  it('nothing of a patient for a focus that says its own by a display alone', async () => {
    const focus = order({ subject: { type: 'Patient', display: 'John Smith' }, supportingInfo: [{ reference: 'Observation/x' }] });

    expect(await mismatches(readerOf([focus, patient, observation('x')]), several as AnyEvent)).toEqual(['Observation[0].subject']);
    expect((await failure(assemble(submitServiceRequest, 'ServiceRequest/123', readerOf([focus, patient])))).code).toBe('message.invalid');
  });

  it('a focus that has no patient leads to one at most', async () => {
    const focus = { resourceType: 'Organization', id: 'o', extension: ['1', '2'].map((id) => ({ url: 'https://example.org/seen', valueReference: { reference: `Observation/${id}` } })) };
    const seen = [observation('1'), observation('2', { subject: { reference: 'Patient/2' } })];

    expect(await mismatches(readerOf([focus, patient, other, ...seen]), several as AnyEvent, 'Organization/o')).toEqual(['Observation[1].subject']);
  });
});
