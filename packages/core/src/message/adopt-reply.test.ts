import { describe, expect, it } from 'vitest';
import { MessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import type { AnyEvent, EventContract } from '../event/event-contract.ts';
import type { Resource } from '../fhir/resource.ts';
import { addEntry } from '../graph/add-entry.ts';
import { graphOf } from '../graph/graph-of.ts';
import { removeEntry } from '../graph/remove-entry.ts';
import { updateEntry } from '../graph/update-entry.ts';
import { adopt, adoptReply } from './adopt-reply.ts';
import { createMessage } from './create-message.ts';
import { createReply } from './create-reply.ts';
import { bars, r4, r5 } from './identity.ts';
import type { Message } from './message.ts';
import { readMessage } from './read-message.ts';
import { readReply } from './read-reply.ts';

const table = {
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..*', Patient: '0..*', Practitioner: '0..*', PractitionerRole: '0..*', Organization: '0..*' },
} as const;
type AnyResource = Resource & Record<string, unknown>;
const event: EventContract<typeof table> = defineEvent(table);

const source = 'https://a.example';
const server = 'https://b.example/fhir/';

/** A request of entries by `fullUrl`. */
function request(entries: Readonly<Record<string, AnyResource>>): Message<typeof event> {
  const payload: Record<string, object[]> = {};
  for (const [fullUrl, resource] of Object.entries(entries)) {
    (payload[resource.resourceType] ??= []).push({ fullUrl, resource });
  }
  return createMessage(event, Object(payload), { source });
}

/** A reply of entries as a server may write them, sound or not. */
function reply(...entry: object[]): Message {
  return replyThat('ok', ...entry);
}

function replyThat(code: string, ...entry: object[]): Message {
  const header = { resourceType: 'MessageHeader', eventCoding: table.coding, source: { endpoint: server }, response: { code } };
  return readMessage({ resourceType: 'Bundle', type: 'message', entry: [{ fullUrl: `${server}MessageHeader/1`, resource: header }, ...entry] });
}

const entry = (fullUrl: string | undefined, resource: object): object => ({ fullUrl, resource });
const identified = (resourceType: string, ...values: string[]): AnyResource => ({ resourceType, identifier: values.map((value) => ({ system: 'urn:x', value })) });
const order = 'urn:uuid:00000000-0000-4000-8000-00000000000a';
const one = 'urn:uuid:00000000-0000-4000-8000-000000000001';
const two = 'urn:uuid:00000000-0000-4000-8000-000000000002';
const idOf = (fullUrl: string): string => fullUrl.replace(/^.*[/:]/, '');
const practitioner = (id: string): string => `${server}Practitioner/${id}`;

describe('adoptReply', () => {
  it('takes the same fullUrl for the same resource, whatever its identifiers say', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: identified('Practitioner', 'A'), [two]: identified('Practitioner', 'B') });

    const { assigned } = adoptReply(sent, reply(entry(two, identified('Practitioner', 'A')), entry(one, identified('Practitioner', 'B'))));

    expect(assigned).toEqual([
      { from: one, to: one, by: 'full-url' },
      { from: two, to: two, by: 'full-url' },
    ]);
  });

  it('takes one identifier that stands once on both sides, in whatever order they come back', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: identified('Practitioner', 'A'), [two]: identified('Practitioner', 'B', 'C') });

    const { assigned } = adoptReply(sent, reply(entry(practitioner('8'), identified('Practitioner', 'C')), entry(practitioner('9'), identified('Practitioner', 'A', 'Z'))));

    expect(assigned).toEqual([
      { from: one, to: practitioner('9'), by: 'identifier' },
      { from: two, to: practitioner('8'), by: 'identifier' },
    ]);
  });

  it('takes an identifier that is no list, as QuestionnaireResponse has it', () => {
    const identifier = { system: 'urn:q', value: 'Q' };
    const sent = request({ [order]: { resourceType: 'ServiceRequest', identifier }, [one]: { resourceType: 'Practitioner' } });

    expect(adoptReply(sent, reply(entry(`${server}ServiceRequest/1`, { resourceType: 'ServiceRequest', identifier }))).assigned).toEqual([
      { from: order, to: `${server}ServiceRequest/1`, by: 'identifier' },
    ]);
  });

  it('takes no identifier without a system, which may be that of anybody (Identifier.system)', () => {
    const numbered = (value: string) => ({ resourceType: 'Practitioner', identifier: [{ value }] });
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: numbered('100'), [two]: numbered('200') });

    expect(adoptReply(sent, reply(entry(practitioner('77'), { ...numbered('100'), name: [{ family: 'Another' }] }))).assigned).toEqual([]);
  });

  it('takes the only one of its type on both sides', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: { resourceType: 'Practitioner' } });

    const { assigned, graph, issues } = adoptReply(sent, reply(entry(practitioner('9'), identified('Practitioner', 'new')), entry(`${server}ServiceRequest/1`, { resourceType: 'ServiceRequest' })));

    expect(assigned.map(({ from, to, by }) => [from, to, by])).toEqual([
      [order, `${server}ServiceRequest/1`, 'only-of-type'],
      [one, practitioner('9'), 'only-of-type'],
    ]);
    expect(graph.entries.slice(1).map(({ fullUrl }) => fullUrl)).toEqual([`${server}ServiceRequest/1`, practitioner('9')]);
    expect(graph.unresolved()).toEqual([]);
    expect(issues).toEqual([]);
  });

  it.each(['fatal-error', 'transient-error'])('takes nothing from a %s: what it echoes may be the record of somebody else (reply.rejected)', (code) => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' } });

    const { assigned, graph, issues } = adoptReply(sent, replyThat(code, entry(`${server}ServiceRequest/4711`, { resourceType: 'ServiceRequest', id: '4711' })));

    expect(assigned).toEqual([]);
    expect(graph).toBe(sent.graph);
    expect(issues).toMatchObject([{ severity: 'error', rule: 'reply.rejected' }]);
    expect(() => adopt(graph, assigned)).toThrow(expect.objectContaining({ code: 'adopt.incomplete' }));
  });

  it.each([
    ['Practitioner/9', practitioner('9')],
    [practitioner('9'), 'Practitioner/9'],
  ])("takes no role for ours of whom the reply's header names as %s and the role as %s, without an entry of his own (adopt.unmatched)", (named, inRole) => {
    const header = { resourceType: 'MessageHeader', eventCoding: table.coding, source: { endpoint: server }, response: { code: 'ok' }, author: { reference: named } };
    const role = { resourceType: 'PractitionerRole', practitioner: { reference: inRole } };
    const entries = [entry(`${server}MessageHeader/1`, header), entry(order, { resourceType: 'ServiceRequest' }), entry(`${server}PractitionerRole/r`, role)];
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: { resourceType: 'PractitionerRole' } });

    expect(adoptReply(sent, readMessage({ resourceType: 'Bundle', type: 'message', entry: entries })).assigned.slice(1)).toEqual([]);
  });

  it('takes no order of theirs that is based on ours for ours (adopt.unmatched)', () => {
    const sent = request({ [order]: identified('ServiceRequest', 'A') });
    const filler = (value: string, reference = order) => reply(entry(`${server}ServiceRequest/9`, { ...identified('ServiceRequest', value), basedOn: [{ reference }] }));

    expect(adoptReply(sent, filler('A'))).toMatchObject({ assigned: [], issues: [{ severity: 'error', rule: 'adopt.unmatched' }] });
    expect(adoptReply(sent, filler('A', `${order}/_history/2`)).assigned).toEqual([]);
    expect(adoptReply(request({ [order]: { resourceType: 'ServiceRequest' } }), filler('B')).assigned).toEqual([]);
  });

  it.each(['sender', 'responsible', 'author', 'enterer'])("takes nobody for ours as the only one of its type who is the reply's %s, or stands behind a role that is, and no role of his (adopt.unmatched)", (role) => {
    const behind = entry(`${server}PractitionerRole/r`, { resourceType: 'PractitionerRole', practitioner: { reference: 'Practitioner/9/_history/1' } });
    const answerOf = (named: object, fullUrl: string) => {
      const header = { resourceType: 'MessageHeader', eventCoding: table.coding, source: { endpoint: server }, response: { code: 'ok' }, [role]: named };
      return readMessage({ resourceType: 'Bundle', type: 'message', entry: [entry(`${server}MessageHeader/1`, header), entry(order, { resourceType: 'ServiceRequest' }), behind, entry(fullUrl, identified('Practitioner', 'A'))] });
    };
    const adoptedFor = (ours: AnyResource, reference?: string, fullUrl = practitioner('9')) =>
      adoptReply(request({ [order]: { resourceType: 'ServiceRequest' }, [one]: ours }), answerOf(reference === undefined ? { identifier: { value: 'x' } } : { reference }, fullUrl)).assigned.slice(1);

    for (const reference of [practitioner('9'), 'Practitioner/9', `${practitioner('9')}/_history/1`, 'Practitioner/9/_history/1', 'PractitionerRole/r']) {
      expect(adoptedFor({ resourceType: 'Practitioner' }, reference)).toEqual([]);
      expect(adoptedFor({ resourceType: 'PractitionerRole' }, reference)).toEqual([]);
      expect(adoptedFor(identified('Practitioner', 'A'), reference)).toMatchObject([{ to: practitioner('9'), by: 'identifier' }]);
    }
    expect(adoptedFor({ resourceType: 'PractitionerRole' }, practitioner('8'))).toMatchObject([{ to: `${server}PractitionerRole/r`, by: 'only-of-type' }]);
    expect(adoptedFor({ resourceType: 'Practitioner' }, practitioner('8'))).toMatchObject([{ to: practitioner('9'), by: 'only-of-type' }]);
    expect(adoptedFor({ resourceType: 'Practitioner' }, undefined, two)).toMatchObject([{ to: two, by: 'only-of-type' }]);
  });

  it('takes nobody for ours as the only one of its type where the echo of what refers to ours refers to another there (adopt.unmatched)', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', requester: { reference: one }, performer: [{ reference: one }] }, [one]: { resourceType: 'Practitioner' } });
    const adoptedFor = (echo: object) => adoptReply(sent, reply(entry(`${server}ServiceRequest/9`, { resourceType: 'ServiceRequest', ...echo }), entry(practitioner('acc'), { resourceType: 'Practitioner' }))).assigned.slice(1);
    const accepting = { performer: [{ reference: 'Practitioner/acc' }] };

    expect(adoptedFor({ requester: { reference: 'Practitioner/req' }, ...accepting })).toEqual([]);
    for (const requester of [undefined, { display: 'Dr A' }, { reference: 'Practitioner/acc' }, { reference: practitioner('acc') }, { reference: one }]) {
      expect(adoptedFor({ requester, ...accepting })).toEqual([{ from: one, to: practitioner('acc'), by: 'only-of-type' }]);
    }
    expect(adoptedFor({ performer: [{ reference: 'Practitioner/req' }, ...accepting.performer] })).toHaveLength(1);
  });

  it.each([
    ["another version of it than the echo's own", `${server}ServiceRequest/9`, one, `${practitioner('9')}/_history/1`],
    ['that version, relatively', `${server}ServiceRequest/9`, one, 'Practitioner/9/_history/1'],
    ['that version, relatively, from an echo on no server', order, one, 'Practitioner/9/_history/1'],
    ['ours, relatively, from an echo under our own fullUrl', `${source}/ServiceRequest/1`, `${source}/Practitioner/1`, 'Practitioner/1'],
  ])('takes for ours as the only one of its type what the echo of what refers to ours refers to as %s', (_says, echo, from, reference) => {
    const ours = { resourceType: 'ServiceRequest', id: idOf(echo), requester: { reference: from } };
    const sent = request({ [echo]: ours, [from]: { resourceType: 'Practitioner', id: idOf(from) } });
    const answered = reply(entry(echo, { resourceType: 'ServiceRequest', requester: { reference } }), entry(practitioner('9'), { resourceType: 'Practitioner', meta: { versionId: '2' } }));

    expect(adoptReply(sent, answered).assigned.slice(1)).toEqual([{ from, to: practitioner('9'), by: 'only-of-type' }]);
  });

  it('rewrites references, lets ids follow, and leaves the message as it was', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', requester: { reference: one } }, [one]: { resourceType: 'Practitioner' } });
    const before = structuredClone(sent.bundle);

    const { graph } = adoptReply(sent, reply(entry(practitioner('9'), { resourceType: 'Practitioner', id: '9' }), entry(`${server}ServiceRequest/1`, { resourceType: 'ServiceRequest', id: '1' })));

    expect(graph.get('ServiceRequest/1')).toMatchObject({ id: '1', requester: { reference: practitioner('9') } });
    expect(graph.linksFrom(graph.entries[0]?.key ?? '')).toMatchObject([{ target: `${server}ServiceRequest/1` }]);
    expect(sent.bundle).toEqual(before);
  });

  const unmatched: readonly [string, Readonly<Record<string, AnyResource>>, object[]][] = [
    ['an identifier that two of ours have', { [one]: identified('Practitioner', 'A'), [two]: identified('Practitioner', 'A') }, [entry(practitioner('1'), identified('Practitioner', 'A')), entry(practitioner('2'), { resourceType: 'Practitioner' })]],
    ['an identifier that two of theirs have', { [one]: identified('Practitioner', 'A') }, [entry(practitioner('1'), identified('Practitioner', 'A')), entry(practitioner('2'), identified('Practitioner', 'A'))]],
    ['identifiers that lead to two of theirs', { [one]: identified('Practitioner', 'A', 'B') }, [entry(practitioner('1'), identified('Practitioner', 'A')), entry(practitioner('2'), identified('Practitioner', 'B'))]],
    ['one of theirs with the identifiers of two of ours', { [one]: identified('Practitioner', 'A'), [two]: identified('Practitioner', 'B') }, [entry(practitioner('1'), identified('Practitioner', 'A', 'B'))]],
    ['the same value in another system', { [one]: identified('Practitioner', 'A') }, [entry(practitioner('1'), { resourceType: 'Practitioner', identifier: [{ system: 'urn:y', value: 'A' }] }), entry(practitioner('2'), { resourceType: 'Practitioner' })]],
    ['the same identifier on another type', { [one]: identified('Practitioner', 'A') }, [entry(`${server}Organization/1`, identified('Organization', 'A'))]],
    ['the only one of its type with another identifier of the same system', { [one]: identified('Practitioner', 'A') }, [entry(practitioner('1'), identified('Practitioner', 'B'))]],
    ['one identifier, while another system knows the two by two values,', { [one]: { resourceType: 'Practitioner', identifier: [{ system: 'urn:x', value: 'A' }, { system: 'urn:y', value: '1' }] } }, [entry(practitioner('1'), { resourceType: 'Practitioner', identifier: [{ system: 'urn:x', value: 'A' }, { system: 'urn:y', value: '2' }] })]],
    ['two of ours of one type', { [one]: { resourceType: 'Practitioner' }, [two]: { resourceType: 'Practitioner' } }, [entry(practitioner('1'), { resourceType: 'Practitioner' })]],
    ['two of theirs of one type', { [one]: { resourceType: 'Practitioner' } }, [entry(practitioner('1'), { resourceType: 'Practitioner' }), entry(practitioner('2'), { resourceType: 'Practitioner' })]],
    ['one of theirs without a fullUrl', { [one]: { resourceType: 'Practitioner' } }, [entry(undefined, { resourceType: 'Practitioner' })]],
    ['a relative fullUrl', { [one]: { resourceType: 'Practitioner' } }, [entry('Practitioner/1', { resourceType: 'Practitioner' })]],
    ['a fullUrl with a version', { [one]: { resourceType: 'Practitioner' } }, [entry(`${practitioner('1')}/_history/2`, { resourceType: 'Practitioner' })]],
    ["a fullUrl that is another type's", { [one]: { resourceType: 'Practitioner' } }, [entry(`${server}Patient/1`, { resourceType: 'Practitioner' })]],
    ["a fullUrl that is another's of ours", { [one]: { resourceType: 'Practitioner' }, [two]: { resourceType: 'Patient' } }, [entry(two, { resourceType: 'Practitioner' })]],
    ['a fullUrl that two of theirs share', { [one]: identified('Practitioner', 'A'), [two]: identified('Practitioner', 'B') }, [entry(practitioner('1'), { ...identified('Practitioner', 'A'), meta: { versionId: '1' } }), entry(practitioner('1'), { ...identified('Practitioner', 'B'), meta: { versionId: '2' } })]],
    ["the only one's other id on the same server", { [practitioner('7')]: { resourceType: 'Practitioner', id: '7' } }, [entry(practitioner('9'), { resourceType: 'Practitioner' })]],
    ["a household's identifier, where the same server knows the two by two ids,", { [practitioner('7')]: { ...identified('Practitioner', 'A'), id: '7' } }, [entry(practitioner('9'), { ...identified('Practitioner', 'A'), id: '9' })]],
    ['nothing of its type', { [one]: { resourceType: 'Practitioner' } }, [entry(`${server}Location/1`, { resourceType: 'Location' })]],
  ];

  it.each(unmatched)('leaves alone what %s would have to be guessed by, with an issue (adopt.unmatched)', (_says, ours, theirs) => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, ...ours });

    const { assigned, graph, issues } = adoptReply(sent, reply(entry(order, { resourceType: 'ServiceRequest' }), ...theirs));

    expect(assigned).toEqual([{ from: order, to: order, by: 'full-url' }]);
    expect(graph).toBe(sent.graph);
    expect(issues).toEqual(
      sent.graph.entries.slice(2).map((_, index) => ({
        severity: 'warning',
        code: 'not-found',
        rule: 'adopt.unmatched',
        expression: [`Bundle.entry[${index + 2}].resource`],
        diagnostics: expect.stringMatching(/^The reply does not say for certain what the server calls this (Practitioner|Patient)\.$/),
      })),
    );
  });

  it('does not take an identifier without a system or a value for a contradiction', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: { resourceType: 'Practitioner', identifier: [{ value: 'A' }, { system: 'urn:x' }] } });

    const { assigned } = adoptReply(sent, reply(entry(order, { resourceType: 'ServiceRequest' }), entry(practitioner('1'), { resourceType: 'Practitioner', identifier: [{ value: 'B' }, { system: 'urn:x', value: 'C' }] })));

    expect(assigned).toContainEqual({ from: one, to: practitioner('1'), by: 'only-of-type' });
  });

  it('reports what is in focus as an error (adopt.unmatched)', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', requester: { reference: one } }, [one]: { resourceType: 'Practitioner' } });

    expect(adoptReply(sent, reply()).issues).toMatchObject([
      { severity: 'error', rule: 'adopt.unmatched', expression: ['Bundle.entry[1].resource'] },
      { severity: 'warning', rule: 'adopt.unmatched', expression: ['Bundle.entry[2].resource'] },
    ]);
  });

  it('does not take a reference inside the focus for a focus (adopt.unmatched)', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest' }, [one]: { resourceType: 'Practitioner' } });
    const edited = updateEntry(sent.graph, sent.graph.entries[0]?.key ?? '', (header) => {
      Object.assign(header, { focus: [{ reference: order, identifier: { assigner: { reference: one } } }] });
    });

    expect(adoptReply({ ...sent, graph: edited }, reply()).issues.map(({ severity }) => severity)).toEqual(['error', 'warning']);
  });

  it('adopts what createReply echoes', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', id: 'mine', requester: { reference: one } }, [one]: identified('Practitioner', 'A') });
    const answer = createReply(sent, { source: server, base: server, focus: [{ resourceType: 'ServiceRequest', id: '77' }], include: [{ ...identified('Practitioner', 'A'), id: '88' }] });

    const { graph, issues } = adoptReply(sent, answer);

    expect(graph.get('ServiceRequest/77')).toMatchObject({ id: '77', requester: { reference: practitioner('88') } });
    expect(issues).toEqual([]);
  });

  it('takes over the id that the server gave under a fullUrl that does not say it (Resource.id)', () => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', id: 'mine', requester: { reference: one } }, [one]: { resourceType: 'Practitioner' } });

    const { assigned, graph, issues } = adoptReply(sent, reply(entry(order, { resourceType: 'ServiceRequest', id: 'manager-73' }), entry(two, { resourceType: 'Practitioner', id: 'manager-9' })));

    expect(assigned).toEqual([
      { from: order, to: order, by: 'full-url', id: 'manager-73' },
      { from: one, to: two, by: 'only-of-type', id: 'manager-9' },
    ]);
    expect(graph.get(order)).toEqual({ resourceType: 'ServiceRequest', id: 'manager-73', requester: { reference: two } });
    expect(graph.get(two)).toEqual({ resourceType: 'Practitioner', id: 'manager-9' });
    expect(issues).toEqual([]);
  });

  it.each([['the same id', { id: 'mine' }], ['none', {}]])('keeps our id where the reply echoes %s', (_says, echoed) => {
    const sent = request({ [order]: { resourceType: 'ServiceRequest', id: 'mine' } });

    const { assigned, graph } = adoptReply(sent, reply(entry(order, { resourceType: 'ServiceRequest', ...echoed })));

    expect(assigned).toEqual([{ from: order, to: order, by: 'full-url' }]);
    expect(graph).toBe(sent.graph);
  });

  describe('of a reply that says which message it answers (MessageHeader.response.identifier)', () => {
    const identifier = { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:AAAAAAAA-0000-4000-8000-00000000000B' };
    const sentAs = (category: 'consequence' | 'currency' | 'notification', bundle?: object): Message<AnyEvent> => {
      const sent = createMessage(defineEvent({ ...table, category }), Object({ ServiceRequest: { resourceType: 'ServiceRequest' }, Patient: { resourceType: 'Patient' } }), { source, bundle });
      return readMessage(sent.bytes, { event: sent.event });
    };
    const answerTo = (quoted: unknown): Message => {
      const header = { resourceType: 'MessageHeader', eventCoding: table.coding, source: { endpoint: server }, response: { identifier: quoted, code: 'ok' } };
      return readMessage({ resourceType: 'Bundle', type: 'message', entry: [entry(`${server}MessageHeader/1`, header), entry(`${server}ServiceRequest/1`, { resourceType: 'ServiceRequest', id: '1' })] });
    };

    it.each([
      ['another id', 'x'],
      ['another Identifier', { system: 'urn:x', value: 'x' }],
      ['its identifier in another system', { system: 'urn:x', value: 'i-1' }],
    ])('takes nothing of one that quotes %s than those of a consequence (reply.mismatch)', (_says, quoted) => {
      const sent = sentAs('consequence', { identifier: { system: 'urn:y', value: 'i-1' } });

      expect(adoptReply(sent, answerTo(quoted))).toEqual({
        graph: sent.graph,
        assigned: [],
        issues: [{ severity: 'error', code: 'conflict', rule: 'reply.mismatch', diagnostics: 'The reply quotes no id of the request: it answers another message.' }],
      });
    });

    it('takes nothing of what createReply writes to another message (reply.mismatch)', () => {
      const [sent, other] = [sentAs('consequence'), sentAs('consequence')];
      const answer = createReply(other, { source: server, base: server, focus: [{ resourceType: 'ServiceRequest', id: '2' }] });

      expect(adoptReply(sent, answer).assigned).toEqual([]);
      expect(adoptReply(other, answer).assigned).toMatchObject([{ to: `${server}ServiceRequest/2` }]);
    });

    it('takes nothing of it for a message that was read without a contract, which counts as a consequence (reply.mismatch)', () => {
      const sent = readMessage(sentAs('consequence').bytes);

      expect(adoptReply(sent, answerTo('x'))).toMatchObject({ assigned: [], issues: [{ rule: 'reply.mismatch' }] });
      expect(adoptReply(sent, answerTo(sent.bundle.id)).assigned).toHaveLength(1);
    });

    it('takes what quotes any id of it, in whatever form readReply takes it, or none', () => {
      const sent = sentAs('consequence', { identifier });
      const { id: bundleId = '', entry: [header] = [] } = sent.bundle;
      const quotes = [bundleId, header?.resource?.id, header?.fullUrl, header?.fullUrl?.toUpperCase().replace('URN:UUID', 'urn:uuid'), identifier.value.toLowerCase(), identifier, { value: bundleId }, { system: 'urn:any', value: identifier.value }];

      for (const quoted of quotes) {
        expect(readReply(answerTo(quoted), { request: sent }).matched).toBeDefined();
        expect(adoptReply(sent, answerTo(quoted)).assigned).toHaveLength(1);
      }
      for (const none of [undefined, '', {}]) expect(adoptReply(sent, answerTo(none)).assigned).toHaveLength(1);
    });

    it.each(['currency', 'notification'] as const)('takes what may answer another attempt of a %s, which has other ids', (category) => {
      expect(adoptReply(sentAs(category), answerTo('x')).assigned).toHaveLength(1);
    });

    it.each([r4, r5, bars])('takes what an exchange by the strategy $name quotes', (identity) => {
      const sent = sentAs('consequence');
      const answer = createReply(sent, { source: server, base: server, identity, focus: [{ resourceType: 'ServiceRequest', id: '2' }] });

      expect(adoptReply(sent, answer).assigned).toMatchObject([{ to: `${server}ServiceRequest/2` }]);
    });
  });

  it('reads each of 5,000 entries a fixed number of times', () => {
    const counted = (count: number): number => {
      let reads = 0;
      const watched = (resource: AnyResource): AnyResource => new Proxy(resource, { get: (target, name, receiver) => (reads++, Reflect.get(target, name, receiver)) });
      const theirs = Array.from({ length: count }, (_, n) => entry(practitioner(`${n}`), watched(identified('Practitioner', `${n}`, `x${n}`))));
      const bundle = { resourceType: 'Bundle', type: 'message', entry: [entry(`${server}MessageHeader/1`, { resourceType: 'MessageHeader' }), ...theirs] };
      const ours = Object.fromEntries(Array.from({ length: count }, (_, n) => [`urn:uuid:p${n}`, identified('Practitioner', `${count - 1 - n}`)]));
      const sent = request({ [order]: { resourceType: 'ServiceRequest' }, ...ours });

      const { assigned } = adoptReply(sent, { ...sent, graph: graphOf(Object(bundle)) });

      expect(assigned).toHaveLength(count);
      expect(assigned.every(({ from, to }) => Number(from.slice('urn:uuid:p'.length)) + Number(to.slice(practitioner('').length)) === count - 1)).toBe(true);
      return reads;
    };

    expect(counted(5000) / counted(500)).toBeCloseTo(10, 0);
  });
});

describe('adoptReply of a message that was read leniently', () => {
  const sloppy = (reference: string, versionId?: string): Message =>
    readMessage({
      resourceType: 'Bundle',
      type: 'message',
      entry: [
        entry(two, { resourceType: 'MessageHeader', eventCoding: table.coding, source: { endpoint: 'https://a.example' }, focus: [{ reference: order }] }),
        entry(order, { resourceType: 'ServiceRequest', requester: { reference } }),
        entry(one, { resourceType: 'Practitioner', id: 'p1', ...(versionId && { meta: { versionId } }) }),
      ],
    });
  const answered = reply(entry(order, { resourceType: 'ServiceRequest' }), entry(one, { resourceType: 'Practitioner', id: '9' }));

  it('lets follow what found a resource by the id that the server changes', () => {
    const { graph, issues } = adoptReply(sloppy('Practitioner/p1'), answered);

    expect(graph.get(order)).toMatchObject({ requester: { reference: one } });
    expect(graph.get(one)).toMatchObject({ id: '9' });
    expect(issues).toEqual([]);
  });

  it('tells of a version that was found by that id, and not of one by a fullUrl that stays (reference.version)', () => {
    const issuesOf = (reference: string): readonly (string | undefined)[] => adoptReply(sloppy(reference, '2'), answered).issues.map(({ rule }) => rule);

    expect(issuesOf('Practitioner/p1/_history/2')).toEqual(['reference.version']);
    expect(issuesOf(`${one}/_history/2`)).toEqual([]);
  });

  it('tells of a relative reference that meant nothing, and would mean a record of the server', () => {
    const { graph, ...message } = request({ 'urn:uuid:1': { resourceType: 'ServiceRequest' } });
    const lenient = { ...message, graph: updateEntry(graph, 'urn:uuid:1', (order) => void Object.assign(order, { requester: { reference: 'Practitioner/9' } })) };
    const { issues } = adoptReply(lenient, reply({ fullUrl: `${server}ServiceRequest/7`, resource: { resourceType: 'ServiceRequest', id: '7' } }));

    expect(issues).toMatchObject([{ severity: 'error', rule: 'reference.no-base', expression: ['Bundle.entry[1].resource.requester'] }]);
  });
});

describe('adopt', () => {
  const sent = request({ [order]: { resourceType: 'ServiceRequest', requester: { reference: one } }, [one]: { resourceType: 'Practitioner' } });
  const assigned = [{ from: order, to: `${server}ServiceRequest/1`, by: 'only-of-type' as const }, { from: one, to: practitioner('9'), by: 'identifier' as const }];

  it('gives another graph the ids of the server', () => {
    const later = updateEntry(sent.graph, order, (resource) => {
      Object.assign(resource, { priority: 'urgent' });
    });

    const update = adopt(later, assigned);

    expect(update.get('ServiceRequest/1')).toMatchObject({ priority: 'urgent', requester: { reference: practitioner('9') } });
    expect(later.get(order)).toMatchObject({ priority: 'urgent' });
  });

  it('gives it those that no fullUrl says, once', () => {
    const update = adopt(sent.graph, [{ from: order, to: order, by: 'full-url', id: 'manager-73' }]);

    expect(update.get(order)).toMatchObject({ id: 'manager-73' });
    expect(adopt(update, [{ from: order, to: order, by: 'full-url', id: 'manager-73' }])).toBe(update);
  });

  it('leaves a graph as it is that has the ids already', () => {
    const update = adopt(sent.graph, assigned);

    expect(adopt(update, assigned)).toBe(update);
  });

  it('passes over what is not in the graph', () => {
    expect(adopt(sent.graph, [...assigned, { from: 'urn:uuid:gone', to: practitioner('3'), by: 'identifier' }]).size).toBe(sent.graph.size);
  });

  it('refuses a relative reference that meant nothing, and would mean a record of the server (adopt.incomplete, bundle.html#references)', () => {
    const message = request({ 'urn:uuid:1': { resourceType: 'ServiceRequest' }, [`${server}Patient/2`]: { resourceType: 'Patient', id: '2' } });
    const answered = reply({ fullUrl: `${server}ServiceRequest/7`, resource: { resourceType: 'ServiceRequest', id: '7' } });
    const { assigned } = adoptReply(message, answered);
    const withRequester = (reference: string) =>
      updateEntry(message.graph, 'urn:uuid:1', (order) => {
        Object.assign(order, { requester: { reference } });
      });

    expect(() => adopt(withRequester('Practitioner/9'), assigned)).toThrow(
      expect.objectContaining({ code: 'adopt.incomplete', issues: [expect.objectContaining({ severity: 'error', rule: 'reference.no-base', expression: ['Bundle.entry[1].resource.requester'] })] }),
    );
    expect(adopt(withRequester('https://ehr.example.org/Practitioner/9'), assigned).get(`${server}ServiceRequest/7`)).toMatchObject({ requester: { reference: 'https://ehr.example.org/Practitioner/9' } });
  });

  it('refuses a graph whose focus leads to no entry any more: what an update would put there instead is another record (adopt.incomplete)', () => {
    const { graph } = request({ 'urn:uuid:1': { resourceType: 'ServiceRequest' } });
    const other = addEntry(removeEntry(graph, 'urn:uuid:1'), { fullUrl: `${server}ServiceRequest/555`, resource: { resourceType: 'ServiceRequest', id: '555', status: 'active', intent: 'order', subject: {} } });

    expect(() => adopt(other, [{ from: 'urn:uuid:1', to: `${server}ServiceRequest/7`, by: 'identifier' }])).toThrow(expect.objectContaining({ code: 'adopt.incomplete' }));
  });

  it('refuses a graph with a focus that has no id of the server (adopt.incomplete)', () => {
    const refusal = (): unknown => adopt(sent.graph, assigned.slice(1));

    expect(refusal).toThrow(MessagingError);
    expect(refusal).toThrow(expect.objectContaining({ code: 'adopt.incomplete', message: "The server's ids do not cover 1 of the entries in focus; an update needs them all." }));
  });

  it('refuses a graph in which another entry has one of the ids (entry.duplicate)', () => {
    const crowded = addEntry(sent.graph, { fullUrl: practitioner('9'), resource: { resourceType: 'Practitioner', id: '9' } });

    expect(() => adopt(crowded, assigned)).toThrow(expect.objectContaining({ code: 'entry.duplicate' }));
  });
});
