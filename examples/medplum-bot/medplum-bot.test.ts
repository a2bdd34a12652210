import { addEntry, adoptReply, createMessenger, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, Message, Messenger } from '@fhir-messaging/core';
import { forMedplum, medplumTransport } from '@fhir-messaging/medplum';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import type { Bundle, Condition, Observation, Patient, Resource, ResourceType } from '@medplum/fhirtypes';
import type { MockClient } from '@medplum/mock';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildBot } from './build.ts';
import { botId, mockMedplum } from './medplum.ts';
import { order, patient, referral } from './sample.ts';
import { messageIds } from './meta.ts';

const submit = forMedplum(submitServiceRequest);
const update = forMedplum(updateServiceRequest);
const clinic = 'https://clinic.example.org/fhir';

let folder: string;
let medplum: MockClient;
let messenger: Messenger;
let requester: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medplum-bot-'));
  await buildBot(join(folder, 'bot.js'));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  requester = 'ClientApplication/river-clinic';
  medplum = await mockMedplum(join(folder, 'bot.js'), () => requester);
  messenger = sender('$receive-referral');
});

const sender = (path: string): Messenger => createMessenger({ transport: medplumTransport(medplum, { path }), source: clinic, identity: netsmart });
const submission = (content: typeof referral & { readonly Condition?: Condition[] } = referral): Message<typeof submit, Resource> => messenger.create(submit, content, { base: clinic });

/** How many of a type the bot stored: the mock has residents of its own. */
const count = async (type: ResourceType): Promise<number> => {
  const all = await medplum.searchResources(type, { _count: '100' });
  return all.filter((resource) => JSON.stringify(resource).includes(messageIds)).length;
};

const submitted = async (): Promise<{ graph: BundleGraph<Resource>; own: string; message: Message<typeof submit, Resource> }> => {
  const message = submission();
  const reply = await messenger.send(message);
  if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply.issues));
  const { graph, issues } = adoptReply(message, reply.message);
  expect(issues).toEqual([]);
  return { graph, own: graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '', message };
};

const urgent = (graph: BundleGraph<Resource>, own: string): BundleGraph<Resource> =>
  updateEntry(graph, own, (draft) => {
    if (draft.resourceType === 'ServiceRequest') draft.priority = 'urgent';
  });

describe('a referral that is submitted', () => {
  it.each(['$receive-referral', `Bot/${botId}/$execute`])('by %s is stored with all that it refers to, and is work for the staff', async (path) => {
    messenger = sender(path);
    const { own } = await submitted();
    const [stored] = await medplum.searchResources('ServiceRequest', { _source: `${clinic}/ServiceRequest/${order.id}` });

    expect(own).toBe(medplum.fhirUrl('ServiceRequest', stored?.id ?? '').href);
    const subject = await medplum.readReference<Patient>(stored?.subject as { reference: string });
    expect(subject).toMatchObject({ name: patient.name, meta: { source: `${clinic}/Patient/${patient.id}` } });
    const requester = await medplum.readReference(stored?.requester ?? {});
    expect(requester).toMatchObject({ resourceType: 'Practitioner', name: [{ family: 'Holm' }] });
    const [task] = await medplum.searchResources('Task', { focus: `ServiceRequest/${stored?.id}` });
    expect(task).toMatchObject({ status: 'requested', code: { text: 'New referral' }, for: stored?.subject });
  });

  it('says of which server it refers to something that it does not carry, so that nobody takes it for a resource of ours', async () => {
    await submitted();
    const [stored] = await medplum.searchResources('ServiceRequest', { _source: `${clinic}/ServiceRequest/${order.id}` });

    expect(stored?.encounter).toEqual({ reference: `${clinic}/Encounter/e1` });
  });

  it('is stored once where the message comes again to a bot that remembers nothing, and its reply names the same resources', async () => {
    const { message, graph } = await submitted();
    const again = await messenger.send(message);

    expect(again.kind === 'ok' && adoptReply(message, again.message).graph.entries.map(({ key }) => key)).toEqual(graph.entries.map(({ key }) => key));
    expect(await Promise.all((['Patient', 'Practitioner', 'ServiceRequest', 'QuestionnaireResponse', 'Task'] as const).map(count))).toEqual([1, 1, 1, 1, 1]);
  });

  it('is completed by the same message where a run broke off', async () => {
    const message = submission();
    const original = medplum.createResourceIfNoneExist.bind(medplum);
    const breaking = vi.spyOn(medplum, 'createResourceIfNoneExist').mockImplementation((resource, query) =>
      resource.resourceType === 'ServiceRequest' ? Promise.reject(new Error('The run is over its time.')) : original(resource, query),
    );
    const first = await createMessenger({ transport: medplumTransport(medplum, { path: '$receive-referral' }), source: clinic, identity: netsmart, retry: { maxAttempts: 1 } }).send(message);
    expect([first.kind, await count('Patient'), await count('ServiceRequest'), await count('Task')]).toEqual(['transient-error', 1, 0, 0]);

    breaking.mockRestore();
    expect((await messenger.send(message)).kind).toBe('ok');
    expect(await Promise.all((['Patient', 'Practitioner', 'ServiceRequest', 'Task'] as const).map(count))).toEqual([1, 1, 1, 1]);
  });

  it('of a server whose URL has a comma is another than one of the server before the comma', async () => {
    await submitted();
    const base = `${clinic}/ServiceRequest/${order.id},b`;

    expect((await messenger.send(messenger.create(submit, referral, { base }))).kind).toBe('ok');
    expect(await count('ServiceRequest')).toBe(2);
  });

  it('in another message is rejected: its sender may mean another referral', async () => {
    await submitted();

    expect(await messenger.send(submission())).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'duplicate' }] });
    expect(await count('Task')).toBe(1);
  });
});

describe('what is here already', () => {
  const restricted = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };
  const condition: Condition = { resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/p1' }, code: { text: 'Anxiety' }, meta: restricted };
  const first = { ...referral, ServiceRequest: { ...order, reasonReference: [{ reference: 'Condition/c1' }] }, Condition: [condition] };
  const second = { ...first, ServiceRequest: { ...first.ServiceRequest, id: 's2' }, QuestionnaireResponse: [] };
  const otherwise = (type: string): object => ({ kind: 'fatal-error', issues: [{ code: 'business-rule', diagnostics: expect.stringContaining(type), expression: [expect.stringMatching(/^Bundle\.entry\[\d\]\.resource$/)] }] });

  it('is referred to by another referral that says the same of it, whether what it refers to came along in both or not', async () => {
    await messenger.send(submission(first));
    const byAnother = { ...second, ServiceRequest: { ...second.ServiceRequest, requester: { reference: 'Practitioner/n2' } }, Practitioner: [{ resourceType: 'Practitioner' as const, id: 'n2', name: [{ family: 'Park' }] }] };

    expect((await messenger.send(submission(byAnother))).kind).toBe('ok');
    expect((await messenger.send(submission({ ...second, ServiceRequest: { ...second.ServiceRequest, id: 's3' } }))).kind).toBe('ok');
    expect(await Promise.all((['Patient', 'Practitioner', 'Condition', 'ServiceRequest', 'Task'] as const).map(count))).toEqual([1, 2, 1, 3, 3]);
  });

  it.each([
    ['a new phone number', { Patient: { ...patient, telecom: [{ system: 'phone' as const, value: '222' }] } }],
    ['another diagnosis', { Condition: [{ ...condition, code: { text: 'Psychosis' } }] }],
    ['another security label', { Condition: [{ ...condition, meta: {} }] }],
  ])('and said otherwise by another referral is refused with its place before anything is stored: its sender is not told that it is held (%s)', async (_, content) => {
    await messenger.send(submission(first));

    expect(await messenger.send(submission({ ...second, ...content }))).toMatchObject(otherwise('says something else'));
    expect([await count('ServiceRequest'), await count('Task')]).toEqual([1, 1]);
  });

  it('and about one patient is no reason of the referral of another, whom its sender meant all along', async () => {
    await messenger.send(submission(first));
    const subject = { reference: 'Patient/p2' };
    const corrected = { ...second, ServiceRequest: { ...second.ServiceRequest, subject }, Patient: { ...patient, id: 'p2' }, Condition: [{ ...condition, subject }] };

    expect(await messenger.send(submission(corrected))).toMatchObject(otherwise('says something else'));
    expect([await count('Patient'), await count('ServiceRequest'), await count('Task')]).toEqual([1, 1, 1]);
  });

  it('since this very moment, by another message, is found when this one comes again', async () => {
    await messenger.send(submission(first));
    const original = medplum.searchOne.bind(medplum);
    const looking = vi.spyOn(medplum, 'searchOne').mockImplementation((type, query, options) => original(type, type === 'Condition' ? { _id: 'not-yet' } : query, options));
    const changed = submission({ ...second, Condition: [{ ...condition, code: { text: 'Psychosis' } }] });
    const once = createMessenger({ transport: medplumTransport(medplum, { path: '$receive-referral' }), source: clinic, identity: netsmart, retry: { maxAttempts: 1 } });
    expect((await once.send(changed)).kind).toBe('transient-error');

    looking.mockRestore();
    expect(await messenger.send(changed)).toMatchObject(otherwise('says something else'));
    expect([await count('ServiceRequest'), await count('Task')]).toEqual([1, 1]);
  });

  it('and was changed by an update does not change the answer to a message that comes again', async () => {
    const { graph, message } = await submitted();
    const key = graph.entries.find(({ resource }) => resource?.resourceType === 'Patient')?.key ?? '';
    const moved = updateEntry(graph, key, (draft) => {
      if (draft.resourceType === 'Patient') draft.telecom = [{ system: 'phone', value: '222' }];
    });
    const reply = await messenger.send(messenger.create(update, moved));

    expect([reply.kind, (await messenger.send(message)).kind]).toEqual(['ok', 'ok']);
    expect((await medplum.readResource('Patient', key.split('/').at(-1) ?? '')).telecom).toEqual([{ system: 'phone', value: '222' }]);
  });

  it('has the profiles, labels and tags that its sender gave it, as the reply says; and no id of a message but its own', async () => {
    const profile = ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'];
    const tag = [{ system: 'https://clinic.example.org/tags', code: 'pilot' }];
    const meta = { ...restricted, profile, tag: [...tag, { system: messageIds, code: 'forged' }], versionId: '7' };
    const message = submission({ ...referral, Patient: { ...patient, meta } });
    const reply = await messenger.send(message);
    const answer = reply.kind === 'ok' ? reply.message : expect.unreachable();
    const { graph } = adoptReply(message, answer);
    const [told] = answer.graph.all('Patient');

    const kept = async (): Promise<unknown> => (await medplum.readResource('Patient', told?.id ?? '')).meta;
    expect(told?.meta).toEqual({ ...restricted, profile, tag });
    expect(await kept()).toMatchObject({ ...restricted, profile, tag: [...tag, { system: messageIds }], source: `${clinic}/Patient/p1` });
    const own = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
    expect((await messenger.send(messenger.create(update, urgent(graph, own)))).kind).toBe('ok');
    expect(await kept()).toMatchObject({ ...restricted, profile, tag: [...tag, { system: messageIds }], source: `${clinic}/Patient/p1` });
    expect(JSON.stringify(await kept())).not.toContain('forged');
  });
});

describe('an update', () => {
  it('changes the referral, and is work for the staff', async () => {
    const { graph, own } = await submitted();
    const reply = await messenger.send(messenger.create(update, urgent(graph, own)));

    expect(reply.kind).toBe('ok');
    const [stored, ...others] = await medplum.searchResources('ServiceRequest', { _id: own.split('/').at(-1) ?? '' });
    expect(others).toEqual([]);
    expect(stored?.priority).toBe('urgent');
    expect((await medplum.readHistory('ServiceRequest', stored?.id ?? '')).entry).toHaveLength(2);
    expect((await medplum.searchResources('Task', { focus: `ServiceRequest/${stored?.id}` })).map(({ code }) => code?.text).sort()).toEqual(['New referral', 'Referral changed']);
    expect(await count('Patient')).toBe(1);
  });

  it('leaves the submission recognisable: it comes again, and nothing new is stored', async () => {
    const { graph, own, message } = await submitted();
    await messenger.send(messenger.create(update, urgent(graph, own)));

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(await messenger.send(submission())).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'duplicate' }] });
    expect([await count('Patient'), await count('ServiceRequest'), await count('Task')]).toEqual([1, 1, 2]);
  });

  it('that comes again, after a newer one, changes nothing', async () => {
    const { graph, own } = await submitted();
    const older = messenger.create(update, urgent(graph, own));
    await messenger.send(older);
    const stat = updateEntry(graph, own, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.priority = 'stat';
    });
    await messenger.send(messenger.create(update, stat));

    expect((await messenger.send(older)).kind).toBe('ok');
    const [stored] = await medplum.searchResources('ServiceRequest', { _id: own.split('/').at(-1) ?? '' });
    expect(stored?.priority).toBe('stat');
    expect(await count('Task')).toBe(3);
  });

  it('is one of its sender: another, who numbers messages alike, changes a referral too', async () => {
    const numbered = (): (() => string) => {
      let last = 0;
      return () => String((last += 1));
    };
    const first = await submitted();
    await messenger.send(messenger.create(update, urgent(first.graph, first.own), { newId: numbered() }));

    requester = 'ClientApplication/hill-clinic';
    const hill = 'https://hill.example.org/fhir';
    const submission = messenger.create(submit, referral, { base: hill });
    const reply = await messenger.send(submission);
    const graph = reply.kind === 'ok' ? adoptReply(submission, reply.message).graph : first.graph;
    const own = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
    await messenger.send(messenger.create(update, urgent(graph, own), { newId: numbered() }));

    expect((await medplum.readResource('ServiceRequest', own.split('/').at(-1) ?? '')).priority).toBe('urgent');
    expect([await count('ServiceRequest'), await count('Task')]).toEqual([2, 4]);
  });

  it.each(['u1|x', 'u1,x', 'u1\\,x', `x,${messageIds}|ClientApplication/river-clinic/u1`])('whose id a search would take for that of another is another, and the same when it comes again (%s)', async (id) => {
    const { graph, own } = await submitted();
    const changed = (priority: 'urgent' | 'stat') => updateEntry(graph, own, (draft) => (draft.resourceType === 'ServiceRequest' ? void (draft.priority = priority) : undefined));
    await medplum.post(medplum.fhirUrl('$receive-referral'), { ...messenger.create(update, changed('urgent')).bundle, id: 'u1' });
    const message = { ...messenger.create(update, changed('stat')).bundle, id };
    for (let times = 0; times < 2; times += 1) await medplum.post(medplum.fhirUrl('$receive-referral'), message);

    expect((await medplum.readResource('ServiceRequest', own.split('/').at(-1) ?? '')).priority).toBe('stat');
    expect(await count('Task')).toBe(3);
  });

  it('of what was never submitted is rejected', async () => {
    expect(await messenger.send(messenger.create(update, referral, { base: clinic }))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'not-found' }] });
    expect(await count('ServiceRequest')).toBe(0);
  });

  it('that makes the referral one of another patient is rejected, and nothing is stored', async () => {
    const { own } = await submitted();
    const somebodyElse = { fullUrl: `${clinic}/Patient/p2`, resource: { ...patient, id: 'p2' } };
    const herOrder = { ...order, id: own.split('/').at(-1) ?? '', subject: { reference: somebodyElse.fullUrl } };
    const content = { ServiceRequest: { fullUrl: own, resource: herOrder }, Patient: somebodyElse, Practitioner: referral.Practitioner };

    expect(await messenger.send(messenger.create(update, content, { base: clinic }))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'business-rule' }] });
    expect(await count('Patient')).toBe(1);
  });
});

describe('what a sender may not do', () => {
  const observation: Observation = { resourceType: 'Observation', id: 'o1', status: 'final', code: { text: 'GAD-7' }, subject: { reference: 'Patient/p1' }, basedOn: [{ reference: 'ServiceRequest/s1' }] };

  it('is to replace what is about another patient, in an update of a referral of its own', async () => {
    const { graph, own } = await submitted();
    const [stranger] = await medplum.searchResources('Patient', { name: 'Simpson' });
    const condition: Condition = await medplum.createResource({ resourceType: 'Condition', code: { text: 'Asthma' }, subject: { reference: `Patient/${stranger?.id}` }, meta: { tag: [{ system: messageIds, code: 'm0' }] } });
    const key = medplum.fhirUrl('Condition', condition.id ?? '').href;
    const patientKey = graph.entries.find(({ resource }) => resource?.resourceType === 'Patient')?.key ?? '';
    const forged = updateEntry(addEntry(graph, { fullUrl: key, resource: { ...condition, code: { text: 'None' }, subject: { reference: patientKey } } }), own, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.reasonReference = [{ reference: key }];
    });

    expect(await messenger.send(messenger.create(update, forged))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'business-rule', diagnostics: expect.stringContaining('its own patient') }] });
    expect((await medplum.readResource('Condition', condition.id ?? '')).code?.text).toBe('Asthma');
    expect(await count('Task')).toBe(1);
  });

  it('is to submit what it names by URLs of ours', async () => {
    const [resident] = await medplum.searchResources('Patient', { name: 'Simpson' });
    const named = { fullUrl: medplum.fhirUrl('Patient', resident?.id ?? '').href, resource: { ...patient, id: resident?.id ?? '' } };
    const content = { ...referral, Patient: named, ServiceRequest: { ...order, subject: { reference: named.fullUrl } }, QuestionnaireResponse: [] };

    expect(await messenger.send(messenger.create(submit, content, { base: clinic }))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'business-rule', diagnostics: expect.stringContaining('their own server') }] });
    expect(await count('ServiceRequest')).toBe(0);
  });

  it('is to submit what refers to a resource of ours by its URL', async () => {
    const [resident] = await medplum.searchResources('Patient', { name: 'Simpson' });
    const supportingInfo = [{ reference: medplum.fhirUrl('Patient', resident?.id ?? '').href }];

    expect(await messenger.send(submission({ ...referral, ServiceRequest: { ...order, supportingInfo } }))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'business-rule', diagnostics: expect.stringContaining('their own server') }] });
    expect([await count('Patient'), await count('Task')]).toEqual([0, 0]);
  });

  it.each([
    ['performer', 'performer[0]', { performer: [{ reference: 'Practitioner/n2' }] }],
    ['a version', 'basedOn[0]', { basedOn: [{ reference: 'ServiceRequest/s0/_history/1' }] }],
    ['a search', 'performer[0]', { performer: [{ reference: 'Practitioner?name=Holm' }] }],
    ['an extension', 'extension[0].value', { extension: [{ url: 'https://clinic.example.org/backup', valueReference: { reference: 'Practitioner/n2' } }] }],
    ['a name of nothing', 'performer[0]', { performer: [{ reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' }] }],
    ['a scheme alone', 'performer[0]', { performer: [{ reference: 'http:Practitioner/n2' }] }],
    ['a contained resource that it does not have', 'reasonReference[0]', { reasonReference: [{ reference: '#c' }] }],
    ['a contained resource', 'contained[0].performer[0]', { contained: [{ resourceType: 'Observation', id: 'c', performer: [{ reference: 'Practitioner/n2' }] }], reasonReference: [{ reference: '#c' }] }],
  ])('is to refer to what it does not carry without its server, which here would be one of ours: refused with its place before anything is stored (%s)', async (_, place, more) => {
    const { encounter: __, ...nowhere } = order;
    const { bundle } = messenger.create(submit, { ...referral, ServiceRequest: nowhere });
    const entry = bundle.entry?.map((one) => (one.resource?.resourceType === 'ServiceRequest' ? { ...one, resource: { ...one.resource, ...more } } : one));
    const position = entry?.findIndex(({ resource }) => resource?.resourceType === 'ServiceRequest');
    const answer: Bundle = await medplum.post(medplum.fhirUrl('$receive-referral'), { ...bundle, entry });
    const outcome = answer.entry?.find(({ resource }) => resource?.resourceType === 'OperationOutcome')?.resource;

    expect(outcome).toMatchObject({ issue: [{ code: 'business-rule', expression: [expect.stringContaining(`Bundle.entry[${position}].resource.${place}`)] }] });
    expect([await count('Patient'), await count('Task')]).toEqual([0, 0]);
  });

  it('is to send resources that refer to each other in a circle: refused before anything is stored', async () => {
    const content = { ...referral, Observation: [observation], ServiceRequest: { ...order, supportingInfo: [{ reference: 'Observation/o1' }] } };

    expect(await messenger.send(messenger.create(submit, content, { base: clinic }))).toMatchObject({ kind: 'fatal-error', issues: [{ code: 'business-rule', diagnostics: expect.stringContaining('in a circle') }] });
    expect([await count('Patient'), await count('Task')]).toEqual([0, 0]);
  });
});

describe('the deployed file', () => {
  it('is one, whose handler answers what is no message with an OperationOutcome', async () => {
    const answer = medplum.post(medplum.fhirUrl('$receive-referral'), { resourceType: 'Patient' });

    await expect(answer).rejects.toMatchObject({ outcome: { resourceType: 'OperationOutcome', issue: [{ severity: 'fatal' }] } });
    expect(await readdir(folder)).toEqual(['bot.js']);
  });

  it("runs in Medplum's VM context too, which has none of the web's globals", async () => {
    const code = await readFile(join(folder, 'bot.js'), 'utf8');
    const event = { input: submission().bundle, secrets: {}, contentType: 'application/fhir+json', headers: {} };
    const scope = { require: createRequire(import.meta.url), URL, URLSearchParams, TextEncoder, medplum, event };
    const output: unknown = await runInNewContext(`const exports = {}; const module = { exports };\n${code}\n(async () => await module.exports.handler(medplum, event))();`, scope);

    expect(output).toMatchObject({ resourceType: 'Bundle', type: 'message', entry: [{ resource: { response: { code: 'ok' } } }, {}, {}, {}, {}] });
    expect(await count('ServiceRequest')).toBe(1);
  });
});
