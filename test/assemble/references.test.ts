import { assemble, checkMessage, createMessage, defineEvent } from '@fhir-messaging/core';
import type { Assembled, AssembleOptions, AssembleProgress, PayloadOf, ReadBatch, Reader, Resource } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { answers, observation, order, patient } from './record.ts';
import { baseUrl, readerOf } from './record-reader.ts';

const source = 'https://app.example.org';

/** A payload whose resources are looked at as they are. */
type Payload = PayloadOf<typeof submitServiceRequest> & Record<'Patient' | 'Observation' | 'ServiceRequest' | 'Practitioner' | 'QuestionnaireResponse', ReturnType<typeof JSON.parse>>;

const run = (reader: Reader, options: Partial<AssembleOptions> = {}): Promise<Assembled<Payload>> => assemble(submitServiceRequest, 'ServiceRequest/123', { search: () => Promise.resolve({ resourceType: 'Bundle', type: 'searchset' }), ...reader, ...options }) as Promise<Assembled<Payload>>;
const facts = ({ issues }: Assembled<unknown>) => issues.map(({ severity, code, rule, expression }) => [severity, code, rule, expression]);
const errors = (payload: Payload, base?: string) => checkMessage(createMessage(submitServiceRequest, payload, { source, base }).graph, { event: submitServiceRequest, mode: 'strict' }).filter(({ severity }) => severity === 'error');

/** A reader whose members need their object. */
class SearchingReader implements Reader {
  readonly #found = [observation('a'), observation('b')];
  readonly #record = readerOf([patient, ...this.#found, order({ requester: undefined, supportingInfo: [{ reference: 'Observation/a' }, { reference: 'Observation/b' }] })]);
  readonly calls: string[] = [];
  read(reference: string): Promise<unknown> {
    this.calls.push(reference);
    return this.#record.read(reference, {});
  }
  search(query: string): Promise<unknown> {
    this.calls.push(query);
    return Promise.resolve({ resourceType: 'Bundle', type: 'searchset', entry: query.includes('_id=') ? this.#found.map((resource) => ({ resource })) : [] });
  }
}

class BatchingReader extends SearchingReader {
  async batch({ entry }: ReadBatch): Promise<unknown> {
    this.calls.push('batch');
    const resources = await Promise.all(entry.map(async ({ request }) => (request.url.includes('?') ? { resourceType: 'Bundle', type: 'searchset' } : await this.read(request.url))));
    return { resourceType: 'Bundle', type: 'batch-response', entry: resources.map((resource) => ({ resource, response: { status: '200' } })) };
  }
}

it.each([
  [SearchingReader, 'Observation?_id=a,b&_count=2'],
  [BatchingReader, 'batch'],
])('assemble calls the members of a reader on it: %o', async (TheReader, call) => {
  const reader = new TheReader();
  const { payload } = await assemble(submitServiceRequest, 'ServiceRequest/123', reader);

  expect(payload.Observation.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(reader.calls).toContain(call);
});

describe('assemble follows each reference once', () => {
  it('through cycles, to shared targets, and to the focus itself', async () => {
    const [a, b] = [observation('a', { hasMember: [{ reference: 'Observation/b' }], basedOn: [{ reference: 'ServiceRequest/123' }] }), observation('b', { hasMember: [{ reference: 'Observation/a' }, { reference: 'Observation/b' }] })];
    const reader = readerOf([patient, a, b, order({ requester: undefined, supportingInfo: [{ reference: 'Observation/a' }, { reference: 'Observation/a' }] })]);

    const { payload } = await run(reader);

    expect(reader.asked).toEqual(['ServiceRequest/123', 'Patient/1', 'Observation/a', 'Observation/b']);
    expect(errors(payload)).toEqual([]);
  });

  it('as a URL on the same server, which becomes relative, so that it resolves whatever the base of the message is', async () => {
    const reader = readerOf([patient, observation('a', { subject: { reference: `${baseUrl}/Patient/1`, display: 'x' } }), order({ requester: undefined, supportingInfo: [{ reference: `${baseUrl}/Observation/a` }] })]);

    const { payload } = await run(reader);

    expect(payload.Observation[0].subject).toEqual({ reference: 'Patient/1', display: 'x' });
    expect([errors(payload), errors(payload, baseUrl)]).toEqual([[], []]);
  });

  it('to contained resources and identifiers: they stay as they are', async () => {
    const given = order({ requester: { reference: '#p' }, contained: [{ resourceType: 'Practitioner', id: 'p' }], performer: [{ identifier: { system: 'x', value: '1' } }] });

    const assembled = await run(readerOf([patient, given]), { outside: 'drop' });

    expect(assembled.payload.ServiceRequest).toBe(given);
    expect(assembled.issues).toEqual([]);
  });

  it.each(['Observation/a/_history/../../../../b/fhir/Observation/a', 'Observation/a/_history/1?x', 'Observation/a/_history/', 'Observation/..', 'Observation/.'])(
    "never out of the server's base, nor to anything but a resource: %s is not read",
    async (reference) => {
      const reader = readerOf([patient, observation('a'), order({ requester: undefined, supportingInfo: [{ reference }] })]);

      const { payload } = await run(reader);

      expect(reader.asked).toEqual(['ServiceRequest/123', 'Patient/1']);
      expect(payload.Observation).toEqual([]);
    },
  );

  it('to what the caller already holds: that is not read', async () => {
    const reader = readerOf([order({ requester: undefined, supportingInfo: [{ reference: 'Observation/a' }] })]);
    const held = [patient, observation('a'), observation('nobody-refers-to-it')] as Resource[];

    const { payload } = await run(reader, { known: held });

    expect(reader.asked).toEqual(['ServiceRequest/123']);
    expect([payload.Patient, payload.Observation]).toEqual([patient, [held[1]]]);
  });

  it('to what the caller holds in another version than the one that is referred to: that is read', async () => {
    const older = observation('a', { meta: { versionId: '1' } });
    const reader = readerOf([patient, older, order({ requester: undefined, supportingInfo: [{ reference: 'Observation/a/_history/1' }] })]);

    const { payload } = await run(reader, { known: [observation('a', { meta: { versionId: '2' } })] as Resource[] });

    expect(payload.Observation).toEqual([older]);
  });

  it('to one version, which is read; another reference that means another version is an issue', async () => {
    const a = observation('a', { meta: { versionId: '2' } });
    const current = observation('b', { focus: [{ reference: 'Observation/a' }] });
    const older = observation('c', { focus: [{ reference: 'Observation/a/_history/1' }] });
    const reader = readerOf([patient, a, current, older, order({ requester: undefined, supportingInfo: ['a/_history/2', 'b', 'c'].map((id) => ({ reference: `Observation/${id}` })) })]);

    const assembled = await run(reader, { outside: 'drop' });

    expect(reader.asked).toContain('Observation/a/_history/2');
    expect(facts(assembled)).toEqual([['warning', 'incomplete', 'assemble.version', ['Observation[1].focus[0]', 'Observation[2].focus[0]']]]);
    expect(assembled.payload.Observation.map(({ focus }: { focus?: unknown }) => focus)).toEqual([undefined, [{ reference: 'Observation/a' }], undefined]);
    expect(errors(assembled.payload)).toEqual([]);
  });

  it('to a version that is the present one, together with references without a version', async () => {
    const a = observation('a', { meta: { versionId: '2' } });
    const reader = readerOf([patient, a, order({ requester: undefined, supportingInfo: [{ reference: 'Observation/a' }, { reference: 'Observation/a/_history/2' }] })]);

    const assembled = await run(reader);

    expect(assembled.issues).toEqual([]);
    expect([errors(assembled.payload), errors(assembled.payload, baseUrl)]).toEqual([[], []]);
  });
});

describe('assemble: references to other servers', () => {
  const elsewhere = 'https://elsewhere.example/fhir';
  const referral = order({ requester: { reference: `${elsewhere}/Practitioner/7` }, supportingInfo: [{ reference: `${elsewhere}/Observation/a` }, { reference: 'Observation/a' }] });
  const theirs = [observation('a', { status: 'amended', subject: { reference: `${baseUrl}/Patient/1` }, performer: [{ reference: 'Practitioner/7' }] }), { resourceType: 'Practitioner', id: '7' }];

  it('are never followed by the reader of this one', async () => {
    const reader = readerOf([patient, observation('a'), referral]);

    const { payload } = await run(reader);

    expect(reader.asked).toEqual(['ServiceRequest/123', 'Patient/1', 'Observation/a']);
    expect(payload.ServiceRequest).toBe(referral);
    expect(errors(payload, baseUrl)).toEqual([]);
  });

  it('are followed by a reader of theirs; the same Type/id on both is two resources', async () => {
    const [reader, other] = [readerOf([patient, observation('a'), referral]), readerOf(theirs, `${elsewhere}/`)];

    const { payload } = await run(reader, { elsewhere: [other] });
    const { graph } = createMessage(submitServiceRequest, payload, { source });

    expect(other.asked.toSorted()).toEqual(['Observation/a', 'Practitioner/7']);
    expect(payload.Observation.map(({ fullUrl, resource }: { fullUrl: string; resource: { status: string } }) => [fullUrl, resource.status])).toEqual([
      [`${elsewhere}/Observation/a`, 'amended'],
      [`${baseUrl}/Observation/a`, 'final'],
    ]);
    expect(checkMessage(graph, { event: submitServiceRequest, mode: 'strict' }).filter(({ severity }) => severity !== 'information')).toEqual([]);
    expect(graph.linksFrom(`${elsewhere}/Observation/a`).map(({ target }) => target)).toEqual([`${baseUrl}/Patient/1`, `${elsewhere}/Practitioner/7`]);
  });

  it('take a base for this one', async () => {
    await expect(run({ read: readerOf([]).read }, { elsewhere: [] })).rejects.toThrow(TypeError);
  });
});

describe('assemble: references to what the contract does not take', () => {
  const encounter = { reference: 'Encounter/9', display: 'a visit' };
  const given = order({ requester: undefined, encounter, reasonReference: [{ reference: 'Immunization/1' }], extension: [{ url: 'https://example.org/device', valueReference: { reference: 'Device/1' } }], basedOn: [{ reference: 'ServiceRequest/122', identifier: { value: '122' } }] });
  const paths = ['encounter', 'reasonReference[0]', 'extension[0].valueReference', 'basedOn[0]'].map((path) => `ServiceRequest.${path}`);
  const absolute = { encounter: { ...encounter, reference: `${baseUrl}/Encounter/9` }, reasonReference: [{ reference: `${baseUrl}/Immunization/1` }] };

  it('are kept, absolute (outside: keep)', async () => {
    const assembled = await run(readerOf([patient, given]));

    expect(assembled.payload.ServiceRequest).toMatchObject(absolute);
    expect(assembled.issues).toEqual([]);
    expect([errors(assembled.payload), errors(assembled.payload, baseUrl)]).toEqual([[], []]);
  });

  it('are kept and reported, each thing once (outside: report)', async () => {
    const assembled = await run(readerOf([patient, given]), { outside: 'report' });

    expect(assembled.payload.ServiceRequest).toMatchObject(absolute);
    expect(facts(assembled).toSorted()).toEqual(paths.map((path) => ['warning', 'incomplete', 'assemble.outside', [path]]).toSorted());
  });

  it('are dropped with what would be empty without them: what else they say stays (outside: drop; ele-1, ext-1)', async () => {
    const assembled = await run(readerOf([patient, given]), { outside: 'drop' });

    expect(assembled.payload.ServiceRequest).toEqual(order({ requester: undefined, encounter: { display: 'a visit' }, basedOn: [{ identifier: { value: '122' } }] }));
    expect(given).toMatchObject({ encounter });
    expect(errors(assembled.payload)).toEqual([]);
  });

  it('leave the place of a primitive that has an extension of its own', async () => {
    const named = { ...patient, name: [{ given: ['A', 'B'], _given: [{ extension: [{ url: 'https://example.org/who', valueReference: { reference: 'Device/1' } }] }, null] }, { _given: [{ extension: [{ url: 'https://example.org/who', valueReference: { reference: 'Device/1' } }] }, null, { id: 'x' }] }] };

    const { payload } = await run(readerOf([named, order({ requester: undefined })]), { outside: 'drop' });

    expect(payload.Patient.name).toEqual([{ given: ['A', 'B'] }, { _given: [null, null, { id: 'x' }] }]);
  });

  it('leave each extension at the primitive that it is of', async () => {
    const qualifier = { extension: [{ url: 'https://example.org/qualifier', valueCode: 'IN' }] };
    const named = { ...patient, name: [{ given: ['A', 'B'], _given: [{ extension: [{ url: 'https://example.org/who', valueReference: { reference: 'Device/1' } }] }, qualifier] }] };

    const { payload } = await run(readerOf([named, order({ requester: undefined })]), { outside: 'drop' });

    expect(payload.Patient.name).toEqual([{ given: ['A', 'B'], _given: [null, qualifier] }]);
  });

  it('leave what held them beside an extension, though that is a url', async () => {
    const attachment = { url: `${baseUrl}/files/7` };
    const photographed = { ...patient, photo: [{ ...attachment, extension: [{ url: 'https://example.org/camera', valueReference: { reference: 'Device/1' } }] }] };

    const { payload } = await run(readerOf([photographed, order({ requester: undefined })]), { outside: 'drop' });

    expect(payload.Patient.photo).toEqual([attachment]);
  });

  it('stay in a modifier extension, and are reported: without it the rest would say something else (extensibility.html#modifierExtension)', async () => {
    const modifierExtension = [{ url: 'https://example.org/not-while', valueReference: { reference: 'Device/1' } }];

    const assembled = await run(readerOf([patient, order({ requester: undefined, modifierExtension })]), { outside: 'drop' });

    expect(assembled.payload.ServiceRequest.modifierExtension).toEqual([{ ...modifierExtension[0], valueReference: { reference: `${baseUrl}/Device/1` } }]);
    expect(facts(assembled)).toEqual([['warning', 'incomplete', 'assemble.outside', ['ServiceRequest.modifierExtension[0].valueReference']]]);
  });

  it('what could not be read is treated so, too', async () => {
    const given = order({ requester: { reference: 'Practitioner/gone' } });

    expect((await run(readerOf([patient, given]))).payload.ServiceRequest.requester).toEqual({ reference: `${baseUrl}/Practitioner/gone` });
    expect((await run(readerOf([patient, given]), { outside: 'drop' })).payload.ServiceRequest.requester).toBeUndefined();
  });

  it('stay relative where nobody says the base: createMessage makes them absolute by its own', async () => {
    const { read } = readerOf([patient, given]);
    const { payload } = await run({ read });

    expect(payload.ServiceRequest).toBe(given);
    expect(errors(payload, baseUrl)).toEqual([]);
  });

  it('a slot that is full takes no more: the first that is referred to are taken', async () => {
    const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1', Observation: '0..2' } } as const;
    const reader = readerOf([patient, ...['a', 'b', 'c'].map((id) => observation(id)), order({ requester: undefined, supportingInfo: ['a', 'b', 'c'].map((id) => ({ reference: `Observation/${id}` })) })]);

    const { payload, issues } = await assemble(defineEvent(table), 'ServiceRequest/123', { ...reader, outside: 'report' });

    expect(payload.Observation?.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(issues.map(({ expression }) => expression)).toEqual([['ServiceRequest.supportingInfo[2]']]);
  });
});

describe('assemble: a slot of the contract', () => {
  it('that a resource which cannot be read was to have goes to the next one', async () => {
    const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1', Observation: '0..2' } } as const;
    const b = observation('b', { hasMember: [{ reference: 'Observation/c' }] });
    const reader = readerOf([patient, b, observation('c'), order({ requester: undefined, supportingInfo: ['gone', 'b'].map((id) => ({ reference: `Observation/${id}` })) })]);

    const { payload } = await assemble(defineEvent(table), 'ServiceRequest/123', reader);

    expect(payload.Observation?.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('goes to one that there was no room for, too', async () => {
    const reader = readerOf([patient, observation('b'), order({ requester: undefined, supportingInfo: ['gone', 'b'].map((id) => ({ reference: `Observation/${id}` })) })]);
    const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1', Observation: '1..1' } } as const;

    const assembled = await assemble(defineEvent(table), 'ServiceRequest/123', reader);

    expect(assembled.payload.Observation.id).toBe('b');
    expect(reader.asked).toEqual(['ServiceRequest/123', 'Patient/1', 'Observation/gone', 'Observation/b']);
    expect(assembled.issues.map(({ rule, expression }) => [rule, expression])).toEqual([['assemble.unread', ['ServiceRequest.supportingInfo[0]']]]);
  });

  it.each([
    ['keep', [{ reference: `${baseUrl}/Observation/b/_history/1` }]],
    ['report', [{ reference: `${baseUrl}/Observation/b/_history/1` }]],
    ['drop', []],
  ] as const)('of which another version is referred to has a payload that a message can be made of: that reference leads out of it, with a warning (bundle.html#references 5, outside: %s)', async (outside, kept) => {
    const given = order({ requester: undefined, supportingInfo: ['Observation/b', 'Observation/b/_history/1'].map((reference) => ({ reference })) });

    const assembled = await run(readerOf([patient, observation('b', { meta: { versionId: '2' } }), given]), { outside });

    expect(assembled.payload.ServiceRequest.supportingInfo).toEqual([{ reference: 'Observation/b' }, ...kept]);
    expect(facts(assembled)).toEqual([['warning', 'incomplete', 'assemble.version', ['ServiceRequest.supportingInfo[1]']]]);
    expect(errors(assembled.payload)).toEqual([]);
    expect(errors(assembled.payload, baseUrl)).toEqual([]);
  });

  it('that a server gave as the version that was asked for, without saying so, is referred to without one', async () => {
    const given = order({ requester: undefined, supportingInfo: [{ reference: 'Observation/b/_history/1' }] });
    const { read } = readerOf([patient, given]);

    const assembled = await run({ baseUrl, read: (reference, given) => (reference === 'Observation/b/_history/1' ? Promise.resolve(observation('b')) : read(reference, given)) });

    expect(assembled.payload.ServiceRequest.supportingInfo).toEqual([{ reference: 'Observation/b' }]);
    expect(errors(assembled.payload, baseUrl)).toEqual([]);
  });

  it('goes to the present version where an old one cannot be read, each asked for once', async () => {
    const given = order({ requester: undefined, supportingInfo: ['Observation/b/_history/1', 'Observation/b'].map((reference) => ({ reference })) });
    const reader = readerOf([patient, observation('b', { meta: { versionId: '2' } }), given]);

    const assembled = await run(reader);

    expect(assembled.payload.Observation.map(({ id }: { id: string }) => id)).toEqual(['b']);
    expect(reader.asked).toEqual(['ServiceRequest/123', 'Patient/1', 'Observation/b/_history/1', 'Observation/b']);
    expect(facts(assembled)).toEqual([['warning', 'incomplete', 'assemble.version', ['ServiceRequest.supportingInfo[0]']]]);
  });

  it('counts a resource once in its progress, whose old version could not be read', async () => {
    const given = order({ requester: undefined, supportingInfo: ['a/_history/1', 'a', 'b'].map((reference) => ({ reference: `Observation/${reference}` })) });
    const told: AssembleProgress[] = [];

    await run(readerOf([patient, observation('a'), observation('b'), given]), { onProgress: (progress) => void told.push(progress) });

    expect(told.map(({ read, left }) => [read, left])).toEqual([[0, 1], [1, 0], [1, 0], [1, 3], [2, 2], [3, 1], [4, 0], [3, 1], [4, 0], [4, 0]]);
  });

  it('counts what a search found in its progress', async () => {
    const entry = [{ resource: answers }];
    const told: AssembleProgress[] = [];

    await run(readerOf([patient, order({ requester: undefined })]), { search: () => Promise.resolve({ resourceType: 'Bundle', type: 'searchset', entry }), onProgress: (progress) => void told.push(progress) });

    expect(told.at(-1)).toEqual({ found: 3, read: 3, left: 0 });
  });
});

describe("assemble searches for what refers to the focus as the event's revinclude says", () => {
  const record = [patient, order({ requester: undefined })];
  const found = (...resources: object[]) => ({ resourceType: 'Bundle', type: 'searchset', entry: resources.map((resource) => ({ resource })) });

  it('by a search for each', async () => {
    const asked: string[] = [];
    const search = (query: string): Promise<unknown> => {
      asked.push(query);
      return Promise.resolve(found(answers, { resourceType: 'OperationOutcome' }));
    };

    const { payload, issues } = await run(readerOf(record), { search });

    expect(asked).toEqual(['QuestionnaireResponse?based-on=ServiceRequest/123&_count=100']);
    expect([payload.QuestionnaireResponse, issues]).toEqual([[answers], []]);
    expect(errors(payload)).toEqual([]);
  });

  it('and follows the references of what it found', async () => {
    const { payload } = await run(readerOf([...record, { resourceType: 'Practitioner', id: 'who' }]), { search: () => Promise.resolve(found({ ...answers, author: { reference: 'Practitioner/who' } })) });

    expect(payload.Practitioner.length).toBe(1);
  });

  it.each([
    ['what does not refer to it, from a server that ignores the parameter, is left out', found({ ...answers, basedOn: [{ reference: 'ServiceRequest/9' }] }), 'incomplete', 0],
    ['what has an id that is none is left out too, and told', found({ ...answers, id: 'an/swers' }), 'incomplete', 0],
    ['and what has no id', found({ ...answers, id: undefined }), 'incomplete', 0],
    ['more than a page is an issue', { ...found(answers), link: [{ relation: 'next', url: 'https://fhir.example.org/v4?page=2' }] }, 'incomplete', 1],
    ['a search that is refused is an issue', Object.assign(new Error(), { status: 400 }), 'not-supported', 0],
    ['a reader without search is one', undefined, 'not-supported', 0],
  ])('%s', async (_says, result, code, count) => {
    const search = result === undefined ? undefined : () => (result instanceof Error ? Promise.reject(result) : Promise.resolve(result));

    const assembled = await run(readerOf(record), { search });

    expect(assembled.payload.QuestionnaireResponse.length).toBe(count);
    expect(facts(assembled)).toEqual([['warning', code, 'assemble.revinclude', ['QuestionnaireResponse']]]);
  });

  it('more than the contract takes is an issue', async () => {
    const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1', QuestionnaireResponse: '0..1' }, revinclude: ['QuestionnaireResponse:based-on'] } as const;
    const search = () => Promise.resolve(found(answers, { ...answers, id: 'others' }));

    const { payload, issues } = await assemble(defineEvent(table), 'ServiceRequest/123', { ...readerOf(record), search });

    expect(payload.QuestionnaireResponse?.id).toBe('answers');
    expect(issues).toMatchObject([{ severity: 'warning', code: 'incomplete', rule: 'assemble.revinclude', expression: ['QuestionnaireResponse'] }]);
  });

  it('takes a table that names another type for a mistake (event.invalid)', () => {
    const table = { coding: { system: 'x', code: 'e' }, category: 'notification', focus: [], payload: { Patient: '1..1' } } as const;
    for (const revinclude of [['Provenance:target'], ['Patient'], ['Patient:a b']]) {
      expect(() => defineEvent({ ...table, revinclude })).toThrow(expect.objectContaining({ code: 'event.invalid' }));
    }
    expect(defineEvent({ ...table, revinclude: ['Patient:link'] }).revinclude).toEqual(['Patient:link']);
  });
});
