import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { adoptReply } from './adopt-reply.ts';
import { checkMessage } from './check-message.ts';
import { createMessage } from './create-message.ts';
import { createReply } from './create-reply.ts';
import { bars } from './identity.ts';
import type { Message } from './message.ts';
import { payloadOf } from './payload-of.ts';
import { readMessage } from './read-message.ts';
import { readReply } from './read-reply.ts';

const source = 'https://b.example';
const base = 'https://b.example/fhir';

describe.each(['R4', 'R5'] as const)("createReply takes the request's entries along that its resources refer to by a urn (%s bundle.html#references)", (release) => {
  const admit = defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Encounter'], payload: { Encounter: '1..1', Patient: '1..1', Organization: '0..1', Condition: '0..1' } });
  const encounter = { resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'IMP' }, subject: { reference: 'Patient/p1' } } as const;
  const patient = { resourceType: 'Patient', id: 'p1', gender: 'male', managingOrganization: { reference: 'Organization/o1' } } as const;
  const organization = { resourceType: 'Organization', id: 'o1' } as const;
  const condition = { resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' } } as const;
  const request = createMessage(admit, { Encounter: encounter as never, Patient: patient, Organization: organization, Condition: condition as never }, { source: 'https://a.example', release });
  const read = readMessage(request.bytes, { event: admit });
  const payload = payloadOf(admit, read.graph);
  const assigned = { ...payload.Encounter, id: '99' };
  const urnOf = (type: string): string | undefined => read.graph.entries.find(({ resource }) => resource?.resourceType === type)?.fullUrl;
  const typesIn = ({ graph }: Message): readonly (string | undefined)[] => graph.entries.slice(1).map(({ resource }) => resource?.resourceType);
  const subjectIn = ({ graph }: Message): unknown => graph.linksFrom(graph.entries[1]?.key ?? '').find(({ path }) => path === 'Encounter.subject')?.target;

  it.each([
    ['', {}],
    [', under its own fullUrl with a base too: the id is not one of that server', { base }],
  ])('with what these refer to%s', (_says, options) => {
    const answer = createReply(read, { source, focus: [assigned], ...options });

    expect(typesIn(answer)).toEqual(['Encounter', 'Patient', 'Organization']);
    expect(subjectIn(answer)).toBe(urnOf('Patient'));
    expect(answer.graph.focus).toMatchObject([{ resourceType: 'Encounter', id: '99' }]);
    expect(answer.graph.unresolved()).toEqual([]);
    expect(checkMessage(answer.bundle, { release })).toEqual([]);
  });

  it('so that the sender adopts the assigned id, and keeps its own of the others', () => {
    const { graph, assigned: ids, issues } = adoptReply(request, createReply(read, { source, focus: [assigned] }));

    expect(issues.map(({ rule, expression }) => [rule, expression])).toEqual([['adopt.unmatched', ['Bundle.entry[4].resource']]]);
    expect(ids.map(({ from, to, by, id }) => [by, from === to, id])).toEqual([['full-url', true, undefined], ['full-url', true, undefined], ['only-of-type', false, '99']]);
    expect(graph.focus).toMatchObject([{ id: '99' }]);
  });

  it("behind the issues' OperationOutcome, which stays the details", () => {
    const answer = createReply(read, { source, focus: [assigned], issues: [{ severity: 'warning', code: 'informational' }], identity: bars });

    expect(typesIn(answer)).toEqual(['Encounter', 'OperationOutcome', 'Patient', 'Organization']);
    expect(readReply(answer, { request: read }).issues).toHaveLength(1);
    expect(typesIn(createReply(read, { source, issues: [{ severity: 'warning', code: 'informational' }] }))).toEqual(['OperationOutcome']);
  });

  it.each([
    ['its own, named by the base', { base, focus: [assigned], include: [payload.Patient] }, `${base}/Patient/p1`],
    ['what has its fullUrl', { focus: [assigned], include: [{ fullUrl: urnOf('Patient') ?? '', resource: { ...payload.Patient, gender: 'female', id: '88' } }] }, urnOf('Patient')],
  ])('but not one that the reply has: %s', (_says, options, target) => {
    const answer = createReply(read, { source, ...options });

    expect(answer.graph.all('Patient')).toHaveLength(1);
    expect(subjectIn(answer)).toBe(target);
  });

  it('nor is its own meant, under the name of the base, where something else goes under its fullUrl', () => {
    const answer = createReply(read, { source, base, focus: [assigned], include: [{ fullUrl: urnOf('Patient') ?? '', resource: { ...payload.Patient, id: '88' } }, payload.Patient] });

    expect(answer.graph.all('Patient')).toHaveLength(2);
    expect(subjectIn(answer)).toBe(urnOf('Patient'));
  });

  it.each([
    ['its copy, which only the handler knows to be one', payload.Patient],
    ['one that says something else', { ...payload.Patient, gender: 'female' }],
  ])('nor one beside another resource of its type, which may be meant or not (reference.unresolved): %s', (_says, other) => {
    expect(() => createReply(read, { source, base, focus: [assigned], include: [{ ...other, resourceType: 'Patient', id: '88' }] })).toThrow(
      expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'reference.unresolved', expression: ['Bundle.entry[1].resource.subject'] })]) }),
    );
  });

  it("but the request's own resources mean what they meant, beside any other of its type", () => {
    const other = { resourceType: 'Patient', id: '88' } as const;
    const answer = createReply(read, { source, focus: [payload.Encounter], include: [other] });

    expect(typesIn(answer)).toEqual(['Encounter', 'Patient', 'Patient', 'Organization']);
    expect(subjectIn(answer)).toBe(urnOf('Patient'));
    expect(answer.graph.entries[3]).toMatchObject({ fullUrl: urnOf('Patient'), resource: payload.Patient });
  });

  it("but no handler's resource means them by that: what it may mean stays refused beside one that brings it along (reference.unresolved)", () => {
    const other = { resourceType: 'Patient', id: '88' } as const;

    expect(() => createReply(read, { source, focus: [assigned], include: [other, payload.Condition ?? other] })).toThrow(
      expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'reference.unresolved', expression: ['Bundle.entry[1].resource.subject'] })]) }),
    );
  });

  it('and so what goes along does: another Organization is not in its way', () => {
    expect(typesIn(createReply(read, { source, focus: [assigned], include: [{ resourceType: 'Organization', id: '88' }] }))).toEqual(['Encounter', 'Organization', 'Patient', 'Organization']);
  });

  it('and a relative reference of a handler never means what goes along (bundle.html#references)', () => {
    const about = { ...assigned, partOf: { reference: 'Organization/o1' } };

    expect(() => createReply(read, { source, focus: [about] })).toThrow(
      expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'reference.unresolved', expression: ['Bundle.entry[1].resource.partOf'] })]) }),
    );
  });

  it('and its own that goes under a urn with white space, which was read leniently, goes under a fresh one (fullUrl.absolute)', () => {
    const loose = readMessage(new TextDecoder().decode(request.bytes).replaceAll(urnOf('Patient') ?? '', 'urn:oid:1 2'), { event: admit });
    const answer = createReply(loose, { source, focus: loose.graph.all('Encounter'), include: loose.graph.all('Patient') });

    expect(answer.graph.entries[2]?.fullUrl).toMatch(/^urn:uuid:/);
    expect(subjectIn(answer)).toBe(answer.graph.entries[2]?.fullUrl);
  });

  it("nor the request's header", () => {
    const provenance = { resourceType: 'Provenance', target: [{ reference: read.graph.entries[0]?.fullUrl }] };

    expect(() => createReply(read, { source, focus: [provenance] })).toThrow(expect.objectContaining({ code: 'message.invalid' }));
  });
});
