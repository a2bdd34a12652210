import { describe, expect, it } from 'vitest';
import { isMessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import type { Release } from '../fhir/release.ts';
import { adoptReply } from './adopt-reply.ts';
import { checkMessage } from './check-message.ts';
import { createMessage } from './create-message.ts';
import { createReply } from './create-reply.ts';
import type { AnyResource, CreateReplyOptions } from './create-reply.ts';
import { bars, r4 } from './identity.ts';
import type { Message } from './message.ts';
import { payloadOf } from './payload-of.ts';
import { readMessage } from './read-message.ts';
import { isReply, readReply } from './read-reply.ts';

const event = defineEvent({ coding: { system: 'https://example.org/events', code: 'refer' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1' } });
const order = { resourceType: 'ServiceRequest', id: '5', status: 'active', intent: 'order', subject: { display: 'x' } } as const;
const send = (release: Release = 'R4'): Message<typeof event> => createMessage(event, { ServiceRequest: order }, { source: 'https://a.example', destination: 'https://b.example', release });
const source = 'https://b.example';
const base = 'https://b.example/fhir';
const reply = (options: Partial<CreateReplyOptions> = {}, request: Message = send()): Message => readMessage(createReply(request, { source, ...options }).bundle, { mode: 'strict' });
const responseOf = (message: Message): unknown => Object(message.bundle.entry?.[0]?.resource).response;
const error = { severity: 'error', code: 'invalid', diagnostics: 'No.' } as const;

/** A request with these ids and no others. */
const requestWith = (ids: { id?: string; identifier?: object; header?: string; fullUrl?: string }, release: Release = 'R4'): Message =>
  readMessage(
    {
      resourceType: 'Bundle',
      id: ids.id,
      identifier: ids.identifier,
      type: 'message',
      entry: [{ fullUrl: ids.fullUrl ?? 'https://a.example/MessageHeader/1', resource: { resourceType: 'MessageHeader', id: ids.header, eventCoding: { code: 'x' } } }],
    },
    { release },
  );

describe('createReply', () => {
  it.each(['R4', 'R4B', 'R5'] as const)('writes a sound message in the release of the request (%s)', (release) => {
    const request = send(release);

    const answer = createReply(request, { source, focus: [order], issues: [{ severity: 'warning', code: 'informational', diagnostics: 'Mind.' }] });

    expect(answer.release).toBe(release);
    expect(answer.issues).toEqual([]);
    expect(checkMessage(answer.bundle, { release })).toEqual([]);
    expect(isReply(answer)).toBe(true);
    expect(readReply(answer, { request })).toMatchObject({ code: 'ok', matchedByRule: true, disagrees: false });
  });

  it('names the same event, and itself anew (messaging.html#response)', () => {
    const request = send();

    const answer = createReply(request, { source });

    expect(answer.bundle.entry?.[0]?.resource).toMatchObject({ eventCoding: { system: 'https://example.org/events', code: 'refer' } });
    const ids = (message: Message): (string | undefined)[] => [message.identity.message, message.identity.envelope, message.graph.entries[0]?.fullUrl];
    expect(ids(answer).filter((id) => ids(request).includes(id))).toEqual([]);
  });

  it.each([
    ['R4', 'endpoint'],
    ['R5', 'endpointUrl'],
  ] as const)('is sent from where it was asked to where the request says (%s MessageHeader.source)', (release, member) => {
    expect(createReply(send(release), { source: { endpoint: source, name: 'B' } }).bundle.entry?.[0]?.resource).toMatchObject({ source: { [member]: source, name: 'B' }, destination: [{ [member]: 'https://a.example' }] });
  });

  it("has no destination where the request says none, as Netsmart's", () => {
    expect(createReply(requestWith({ id: 'b-1' }), { source }).bundle.entry?.[0]?.resource).not.toHaveProperty('destination');
  });

  describe('quotes of its request', () => {
    it('MessageHeader.id in R4, Bundle.identifier in R5 (MessageHeader.response.identifier)', () => {
      const [r4Request, r5Request] = [send(), send('R5')];

      expect(responseOf(reply({}, r4Request))).toMatchObject({ identifier: r4Request.identity.message });
      expect(responseOf(reply({}, r5Request))).toMatchObject({ identifier: r5Request.bundle.identifier });
    });

    it('what the strategy says', () => {
      const request = send();

      expect(responseOf(reply({ identity: bars }, request))).toMatchObject({ identifier: request.bundle.id });
    });

    it.each([
      ['Bundle.identifier', { identifier: { system: 'urn:x', value: 'i-1' }, id: 'b-1' }, 'i-1'],
      ['Bundle.identifier without its URN', { identifier: { value: 'urn:uuid:AAAAAAAA-0000-4000-8000-00000000000B' } }, 'AAAAAAAA-0000-4000-8000-00000000000B'],
      ['Bundle.id', { id: 'b-1' }, 'b-1'],
      ['Bundle.id, where the identifier is no id', { identifier: { value: 'a/b' }, id: 'b-1' }, 'b-1'],
      ['the urn of the header', { fullUrl: 'urn:oid:1.2.3' }, '1.2.3'],
    ])('%s, where there is no MessageHeader.id (R4)', (_says, ids, quoted) => {
      const request = requestWith(ids);
      const answer = reply({}, request);

      expect(responseOf(answer)).toMatchObject({ identifier: quoted });
      expect(readReply(answer, { request }).matchedByRule).toBe(false);
    });

    it.each([
      ['MessageHeader.id', { header: 'h-1' }, { value: 'h-1' }],
      ['Bundle.identifier with its system', { identifier: { system: 'urn:x', value: 'a b' } }, { system: 'urn:x', value: 'a b' }],
    ])('%s as an Identifier (R5)', (_says, ids, identifier) => {
      expect(responseOf(reply({}, requestWith(ids, 'R5')))).toMatchObject({ identifier });
    });

    it.each([
      ['no id', {}, 'R4'],
      ['no id but the URL of its header', { fullUrl: 'https://a.example/MessageHeader/9' }, 'R4'],
      ['nothing that is an id', { identifier: { value: 'a/b' } }, 'R4'],
      ['no id', {}, 'R5'],
    ] as const)('nothing, and is refused, where it has %s (reply.invalid, %s%s)', (_says, ids, release) => {
      expect(() => createReply(requestWith(ids, release), { source })).toThrow(expect.objectContaining({ code: 'reply.invalid', message: 'The request has no id that a reply could quote.' }));
    });
  });

  describe('code', () => {
    it.each([
      ['ok', undefined],
      ['ok', [{ severity: 'warning', code: 'invalid' }]],
      ['fatal-error', [error]],
      ['fatal-error', [{ severity: 'warning', code: 'invalid' }, { severity: 'fatal', code: 'invalid' }]],
    ] as const)('is %s by itself where the issues are %j', (code, issues) => {
      expect(responseOf(reply({ issues }))).toMatchObject({ code });
    });

    it('is what was said', () => {
      expect(responseOf(reply({ code: 'transient-error', issues: [error] }))).toMatchObject({ code: 'transient-error' });
    });

    it('is refused as ok beside an error (response.severity)', () => {
      expect(() => reply({ code: 'ok', issues: [error] })).toThrow(expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'response.severity' })]) }));
    });

    it('is refused where there is no such code (response.code)', () => {
      expect(() => reply({ code: Object('error') })).toThrow(expect.objectContaining({ code: 'message.invalid' }));
    });

    it('that is fatal without a reason is a warning (response.issues)', () => {
      expect(createReply(send(), { source, code: 'fatal-error' }).issues).toMatchObject([{ rule: 'response.issues', severity: 'warning' }]);
    });
  });

  it('puts the issues into an OperationOutcome in its details (MessageHeader.response.details)', () => {
    const answer = reply({ issues: [error] });

    const [outcome] = answer.graph.all('OperationOutcome');
    expect(outcome?.issue).toEqual([{ severity: 'error', code: 'invalid', details: { text: 'No.' } }]);
    expect(responseOf(answer)).toMatchObject({ details: { reference: answer.graph.entries.find(({ resource }) => resource === outcome)?.fullUrl } });
    expect(reply().graph.all('OperationOutcome')).toEqual([]);
  });

  it('puts what answers into focus, and what that refers to behind it (MessageHeader.focus)', () => {
    const patient = { resourceType: 'Patient', id: '1' };
    const stored = { ...order, id: '77', subject: { reference: 'Patient/1' } };

    const { graph } = createReply(send(), { source, base: `${base}/`, focus: [stored], include: [patient] });

    expect(graph.entries.slice(1).map(({ fullUrl }) => fullUrl)).toEqual([`${base}/ServiceRequest/77`, `${base}/Patient/1`]);
    expect(graph.focus).toEqual([stored]);
    expect(graph.unresolved()).toEqual([]);
  });

  it('takes resources with a fullUrl of their own, and finds references without a base', () => {
    const patient = { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource: { resourceType: 'Patient', id: '1' } };

    const { graph } = createReply(send(), { source, focus: [{ ...order, subject: { reference: 'Patient/1' } }], include: [patient] });

    expect(graph.focus).toMatchObject([{ subject: { reference: patient.fullUrl } }]);
  });

  it("takes the request's own Patient, who is on no server, for nobody on a server that has another of that id (bundle.html#references)", () => {
    const referral = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });
    const about = { ...order, subject: { reference: 'Patient/1' } };
    const request = readMessage(createMessage(referral, { ServiceRequest: about, Patient: { resourceType: 'Patient', id: '1' } }, { source }).bytes, { event: referral });

    const { graph } = createReply(request, { source, focus: [{ fullUrl: `${base}/ServiceRequest/77`, resource: { ...about, id: '77' } }], include: [payloadOf(referral, request.graph).Patient] });

    expect(graph.focus).toMatchObject([{ subject: { reference: `${base}/Patient/1` } }]);
    expect(graph.unresolved()).toMatchObject([{ kind: 'external' }]);
  });

  it("keeps the fullUrls of the request's own resources, so that they lead to one another as they did (MessageHeader.focus)", () => {
    const referral = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });
    const about = { ...order, subject: { reference: 'Patient/1' } };
    const request = readMessage(createMessage(referral, { ServiceRequest: about, Patient: { resourceType: 'Patient', id: '1' } }, { source }).bytes, { event: referral });
    const { ServiceRequest, Patient } = payloadOf(referral, request.graph);
    const answer = reply({ focus: [ServiceRequest], include: [Patient] }, request);

    expect(answer.graph.entries.slice(1).map(({ fullUrl }) => fullUrl)).toEqual(request.graph.entries.slice(1).map(({ fullUrl }) => fullUrl));
    expect(answer.graph.unresolved()).toEqual([]);
  });

  describe("the request's own resources, named as only a lenient reader takes them or as another server does, lead to one another as they did (bundle.html#references)", () => {
    const referral = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });
    const [orderUrn, patientUrn] = ['urn:uuid:22222222-2222-4222-8222-222222222222', 'urn:uuid:33333333-3333-4333-8333-333333333333'];
    const requestOf = (order: { fullUrl: string; id?: string }, patient: { fullUrl: string; id?: string }, subject: string): Message<typeof referral> => {
      const header = { resourceType: 'MessageHeader', id: 'h-1', eventUri: 'https://example.org/refer', source: { endpoint: 'https://a.example' }, focus: [{ reference: order.fullUrl }] };
      const serviceRequest = { resourceType: 'ServiceRequest', id: order.id, status: 'active', intent: 'order', subject: { reference: subject } };
      const entry = [
        { fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111', resource: header },
        { fullUrl: order.fullUrl, resource: serviceRequest },
        { fullUrl: patient.fullUrl, resource: { resourceType: 'Patient', id: patient.id } },
      ];
      return readMessage(JSON.stringify({ resourceType: 'Bundle', id: 'b-1', type: 'message', entry }), { event: referral });
    };

    it.each([
      ['ids that their fullUrls do not end in', requestOf({ fullUrl: 'https://a.example/ServiceRequest/1', id: '99' }, { fullUrl: 'https://a.example/Patient/2', id: '77' }, 'Patient/2'), undefined],
      ['one sound name', requestOf({ fullUrl: 'https://a.example/ServiceRequest/1', id: '99' }, { fullUrl: 'https://a.example/Patient/2', id: '2' }, 'Patient/2'), undefined],
      ['relative fullUrls', requestOf({ fullUrl: 'ServiceRequest/1', id: '1' }, { fullUrl: 'Patient/2', id: '2' }, 'Patient/2'), undefined],
      ['no ids', requestOf({ fullUrl: 'https://a.example/ServiceRequest/1' }, { fullUrl: 'https://a.example/Patient/2' }, 'Patient/2'), undefined],
      ['urns and no ids, on a base', requestOf({ fullUrl: orderUrn }, { fullUrl: patientUrn }, patientUrn), base],
      ['urns and ids, on a base', requestOf({ fullUrl: orderUrn, id: '1' }, { fullUrl: patientUrn, id: '2' }, patientUrn), base],
    ])('%s', (_, request, on) => {
      const { ServiceRequest, Patient } = payloadOf(referral, request.graph);
      const answer = reply({ focus: [ServiceRequest], include: [Patient], base: on }, request);
      const [, order, patient] = answer.graph.entries.map(({ fullUrl }) => fullUrl ?? '');

      expect(answer.graph.linksFrom(order ?? '')).toMatchObject([{ path: 'ServiceRequest.subject', kind: 'entry', target: patient }]);
      expect(answer.graph.unresolved()).toEqual([]);
    });
  });

  describe('with a base, its own resources mean what they meant (bundle.html#references)', () => {
    const patient = { resourceType: 'Patient', id: '9' } as const;
    const ours = defineEvent({ coding: { system: 'https://example.org/events', code: 'with-patient' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '0..1' } });
    const about = { ...order, subject: { reference: 'Patient/9' } } as const;
    const subjectOf = (request: Message<typeof ours>, include: readonly AnyResource[] = []): unknown => {
      const { graph } = createReply(request, { source, base, focus: request.graph.all('ServiceRequest'), include });
      return [graph.entries[1]?.fullUrl, Object(graph.all('ServiceRequest')[0]).subject.reference];
    };

    it('a relative reference leads to the server that it led to', () => {
      const outside = createMessage(ours, { ServiceRequest: about }, { source, base: 'https://a.example/fhir' });
      const inside = createMessage(ours, { ServiceRequest: about, Patient: patient }, { source, base: 'https://a.example/fhir' });

      for (const { bytes } of [outside, inside]) {
        expect(subjectOf(readMessage(bytes, { event: ours }))).toEqual(['https://a.example/fhir/ServiceRequest/5', 'Patient/9']);
      }
    });

    it("what is on another server keeps its name: under the base its id is another record's (Bundle.entry.fullUrl)", () => {
      const sent = createMessage(ours, { ServiceRequest: about, Patient: patient }, { source, base: 'https://a.example/fhir' });
      const request = readMessage(sent.bytes, { event: ours });

      const answer = createReply(request, { source, base, focus: request.graph.focus, include: request.graph.all('Patient') });

      expect(answer.graph.entries.slice(1)).toEqual(sent.graph.entries.slice(1));
      expect(adoptReply(sent, answer).assigned.filter(({ from, to }) => from !== to)).toEqual([]);
    });

    it('under a name that is not sound it gets a urn', () => {
      const text = new TextDecoder().decode(createMessage(ours, { ServiceRequest: about, Patient: patient }, { source, base: 'https://a.example/fhir' }).bytes);
      const request = readMessage(text.replace('{"resourceType":"Patient","id":"9"}', '{"resourceType":"Patient","id":"10"}'), { event: ours });

      expect(reply({ base, focus: request.graph.all('Patient') }, request).graph.entries[1]?.fullUrl).toMatch(/^urn:uuid:/);
    });

    it('what the caller names has that name', () => {
      const request = createMessage(ours, { ServiceRequest: about, Patient: patient }, { source, base: 'https://a.example/fhir' });
      const named = request.graph.all('Patient').map((resource) => ({ fullUrl: `${base}/Patient/9`, resource }));

      expect(createReply(request, { source, base, focus: named }).graph.entries[1]?.fullUrl).toBe(`${base}/Patient/9`);
    });

    describe("a copy's relative reference, where the request has that type and id on another server,", () => {
      const request = createMessage(ours, { ServiceRequest: about, Patient: patient }, { source, base: 'https://a.example/fhir' });
      const copy = { ...payloadOf(ours, request.graph).ServiceRequest, id: 'r5' };
      const { id: _, ...unnamed } = copy;

      it.each([
        ['under the base', { base, focus: [copy] }],
        ['that the base makes absolute', { base, focus: [unnamed] }],
        ['under a fullUrl on a server', { focus: [{ fullUrl: `${base}/ServiceRequest/r5`, resource: copy }] }],
        ["beside the request's own", { base, focus: [copy], include: request.graph.all('Patient') }],
        ['to a version', { base, focus: [{ ...copy, subject: { reference: 'Patient/9/_history/1' } }] }],
      ])('%s is refused: it would mean another record (reference.server)', (_says, content) => {
        expect(() => createReply(request, { source, ...content })).toThrow(
          expect.objectContaining({
            code: 'message.invalid',
            message: 'This message breaks a rule: This has to say which server it means: the request has that type and id on another. (reference.server, Bundle.entry[1].resource.subject)',
          }),
        );
      });

      it.each([
        ['says its server', { base, focus: [{ ...copy, subject: { reference: 'https://a.example/fhir/Patient/9' } }] }],
        ['leads to what is in the reply', { base, focus: [copy], include: [patient] }],
        ['is on the server of the request', { focus: [{ fullUrl: 'https://a.example/fhir/ServiceRequest/r5', resource: copy }] }],
        ['means what the request does not have', { base, focus: [{ ...copy, subject: { reference: 'Patient/77' } }] }],
      ])('is taken where it %s', (_says, content) => {
        expect(createReply(request, { source, ...content }).graph.focus).toMatchObject([{ id: 'r5' }]);
      });
    });

    it("a copy under the fullUrl of a request's entry means what that entry means, though another server has the type and id too", () => {
      const fullUrl = `${base}/ServiceRequest/7`;
      const elsewhere = { fullUrl: 'https://a.example/fhir/Patient/9', resource: patient };
      const theirs = defineEvent({ coding: { system: 'https://example.org/events', code: 'two' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '2..2' } });
      const order = { ...about, id: '7', subject: { reference: 'Patient/9' }, supportingInfo: [{ reference: elsewhere.fullUrl }] };
      const request = createMessage(theirs, { ServiceRequest: { fullUrl, resource: order }, Patient: [{ fullUrl: `${base}/Patient/9`, resource: patient }, elsewhere] }, { source });
      const written = createReply(request, { source, base, focus: [{ ...order, priority: 'urgent' as const }] });

      expect(written.graph.linksFrom(fullUrl).map(({ reference }) => reference)).toEqual(['Patient/9', elsewhere.fullUrl]);
    });

    it('one that a lenient reader takes leads to the entry that it led to', () => {
      const urn = 'urn:uuid:00000000-0000-4000-8000-000000000009';
      const request = createMessage(ours, { ServiceRequest: { ...about, subject: { reference: urn } }, Patient: { fullUrl: urn, resource: patient } }, { source });
      const text = new TextDecoder().decode(request.bytes).replace(`"subject":{"reference":"${urn}"}`, '"subject":{"reference":"Patient/9"}');

      const read = readMessage(text, { event: ours });

      expect(subjectOf(read, read.graph.all('Patient'))).toEqual([`${base}/ServiceRequest/5`, `${base}/Patient/9`]);
    });

    it('one that had no meaning gets none, and the reply is refused (reference.unresolved)', () => {
      const request = createMessage(ours, { ServiceRequest: { ...order } }, { source });
      const text = new TextDecoder().decode(request.bytes).replace('"subject":{"display":"x"}', '"subject":{"reference":"Patient/9"}');

      expect(() => subjectOf(readMessage(text, { event: ours, mode: 'lenient' }))).toThrow(expect.objectContaining({ code: 'message.invalid' }));
    });
  });

  describe("the request's own resources never refer to what the receiver has under the same type and id (bundle.html#references)", () => {
    const [orderUrn, patientUrn] = ['urn:uuid:22222222-2222-4222-8222-222222222222', 'urn:uuid:33333333-3333-4333-8333-333333333333'];
    const theirs = { resourceType: 'Patient', id: '9', gender: 'female' } as const;
    const mine = { resourceType: 'Patient', id: '9', gender: 'male' } as const;
    /** A request whose order refers to `Patient/9`; each URL names a Patient of that id. */
    const requestWhere = (orderUrl: string, ...patientUrls: readonly (string | undefined)[]): Message => {
      const header = { resourceType: 'MessageHeader', id: 'h-1', eventUri: 'https://example.org/refer', source: { endpoint: 'https://a.example' }, focus: [{ reference: orderUrl }] };
      const entry = [
        { fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111', resource: header },
        { fullUrl: orderUrl, resource: { ...order, subject: { reference: 'Patient/9' } } },
        ...patientUrls.map((fullUrl) => ({ fullUrl, resource: theirs })),
      ];
      return readMessage(JSON.stringify({ resourceType: 'Bundle', id: 'b-1', type: 'message', entry }), { mode: 'lenient' });
    };
    const orderOf = (request: Message): AnyResource[] => [...request.graph.all('ServiceRequest')];
    /** Where the order of a reply leads, and whom it finds there. */
    const subjectIn = ({ graph }: Message): readonly unknown[] => {
      const [link] = graph.linksFrom(graph.entries[1]?.key ?? '');
      return [link?.reference, link?.kind, Object(graph.get(link?.target ?? '')).gender];
    };

    describe.each([
      ['with a base', base],
      ['without a base', undefined],
    ])('%s', (_, on) => {
      it.each([
        ['led nowhere', requestWhere(orderUrn)],
        ['led to what is left out and on no server', requestWhere(orderUrn, patientUrn)],
        ['led to what is left out and has no absolute name', requestWhere(orderUrn, 'Patient/9')],
        ['led to what is left out and has no name', requestWhere(orderUrn, undefined)],
      ])('and are refused where one %s (reference.unresolved)', (_says, request) => {
        expect(() => reply({ focus: orderOf(request), include: [mine], base: on }, request)).toThrow(
          expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'reference.unresolved', expression: ['Bundle.entry[1].resource.subject'] })]) }),
        );
      });

      it.each([
        ['what is left out and on a server', requestWhere(orderUrn, 'https://a.example/Patient/9')],
        ["what is left out and would be on its holder's server", requestWhere('https://a.example/ServiceRequest/5', patientUrn)],
        ['what was not sent', requestWhere('https://a.example/ServiceRequest/5')],
      ])('but still to %s', (_says, request) => {
        expect(subjectIn(reply({ focus: orderOf(request), include: [mine], base: on }, request)).slice(1)).toEqual(['external', undefined]);
      });

      it.each([
        ['a urn', requestWhere(orderUrn, patientUrn)],
        ["a urn, from a server's", requestWhere('https://a.example/ServiceRequest/5', patientUrn)],
        ['nothing', requestWhere(orderUrn, undefined)],
        ['a server', requestWhere(orderUrn, 'https://a.example/Patient/9')],
      ])('but to what is given back, named by %s', (_says, request) => {
        const { length } = orderOf(request);

        expect(length).toBe(1);
        expect(subjectIn(reply({ focus: orderOf(request), include: request.graph.all('Patient'), base: on }, request)).slice(1)).toEqual(['entry', 'female']);
      });
    });

    it('and keep the version that they refer to, where the entry is on a server (bundle.html#references)', () => {
      const entry = [
        { fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111', resource: { resourceType: 'MessageHeader', id: 'h-1', eventUri: 'https://example.org/refer', source: { endpoint: 'https://a.example' }, focus: [{ reference: orderUrn }] } },
        { fullUrl: orderUrn, resource: { ...order, subject: { reference: 'Patient/9/_history/2' } } },
        { fullUrl: 'https://a.example/Patient/9', resource: { ...theirs, meta: { versionId: '2' } } },
      ];
      const request = readMessage(JSON.stringify({ resourceType: 'Bundle', id: 'b-1', type: 'message', entry }), { mode: 'lenient' });

      expect(subjectIn(reply({ focus: orderOf(request), include: request.graph.all('Patient') }, request))).toEqual(['https://a.example/Patient/9/_history/2', 'entry', 'female']);
    });

    it('under a fullUrl that the receiver gives them either', () => {
      const request = requestWhere('https://a.example/ServiceRequest/5', 'https://a.example/Patient/9');
      const [resource = order] = orderOf(request);
      const named = { fullUrl: `${base}/ServiceRequest/5`, resource };

      expect(subjectIn(reply({ focus: [named], include: [{ fullUrl: `${base}/Patient/9`, resource: mine }] }, request))).toEqual(['https://a.example/Patient/9', 'external', undefined]);
      expect(subjectIn(reply({ focus: [named], include: request.graph.all('Patient') }, request))).toEqual(['https://a.example/Patient/9', 'entry', 'female']);
      expect(reply({ focus: [named] }, request).graph.entries[1]?.fullUrl).toBe(named.fullUrl);
    });
  });

  it('takes what is given twice for one resource (bdl-7)', () => {
    const request = send();
    const [own] = request.graph.all('ServiceRequest');
    const { graph } = reply({ focus: own && [own], include: own && [own] }, request);

    expect(graph.all('ServiceRequest')).toHaveLength(1);
    expect(graph.focus).toHaveLength(1);
  });

  it('takes ids and the time from where it is told to', () => {
    let last = 0;

    const { bundle } = createReply(send(), { source, newId: () => `id-${(last += 1)}`, now: () => Date.parse('2026-11-21T08:00:00Z'), focus: [order] });

    expect(bundle.timestamp).toBe('2026-11-21T08:00:00.000Z');
    expect([bundle.entry?.[1]?.fullUrl, bundle.entry?.[0]?.fullUrl, bundle.id]).toEqual(['urn:uuid:id-1', 'urn:uuid:id-2', 'id-3']);
  });

  it('leaves request and resources as they were, and unfrozen', () => {
    const request = send();
    const [bytes, stored] = [request.bytes.slice(), structuredClone(order)];

    createReply(request, { source, focus: [stored] });

    expect(request.bytes).toEqual(bytes);
    expect(stored).toEqual(order);
    expect(Object.isFrozen(stored)).toBe(false);
  });

  it.each([
    ['what is no resource', [{}]],
    ['null', [null]],
    ['a text', ['ServiceRequest/5']],
  ])('refuses %s in focus instead of dropping it (entry.resourceType)', (_says, focus) => {
    expect(() => reply({ focus: Object(focus) })).toThrow(expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'entry.resourceType', expression: ['Bundle.entry[1].resource'] })]) }));
  });

  it("names a programmer's mistake: no source", () => {
    expect(() => createReply(send(), Object({ code: 'ok' }))).toThrow(new TypeError('createReply: a source is missing.'));
  });

  it('refuses a reference that leads nowhere (reference.unresolved)', () => {
    try {
      createReply(send(), { source, include: [{ ...order, subject: { reference: 'Patient/1' } }] });
      expect.unreachable();
    } catch (refusal) {
      expect(isMessagingError(refusal) && refusal.issues.find(({ severity }) => severity === 'error')).toMatchObject({ rule: 'reference.unresolved', expression: ['Bundle.entry[1].resource.subject'] });
    }
  });

  it('answers a reply too, if that is asked for', () => {
    const first = createReply(send(), { source });

    expect(readReply(createReply(first, { source: 'https://a.example' }), { request: readMessage(first.bundle) }).matched).toBe('MessageHeader.id');
  });

  it('is written by a strategy that a caller makes up', () => {
    const request = send();

    expect(responseOf(reply({ identity: { ...r4, replyQuotes: ['MessageHeader.fullUrl'] } }, request))).toMatchObject({ identifier: request.graph.entries[0]?.fullUrl?.slice('urn:uuid:'.length) });
  });
});
