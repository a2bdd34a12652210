import { assemble, createMessage, defineEvent, fetchReader } from '@fhir-messaging/core';
import type { AssembleOptions, Issue, Reader, Resource } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from './failure.ts';
import { answers, observation, order, organization, patient, practitioner, role } from './record.ts';
import { readerOf } from './record-reader.ts';
import { startRecordServer } from './record-server.ts';
import type { RecordServer } from './record-server.ts';

let server: RecordServer;
beforeAll(async () => {
  server = await startRecordServer();
  await server.add(patient, practitioner, organization, role, observation('a'), observation('b', { hasMember: [{ reference: 'Observation/a' }, { reference: 'Observation/gone' }] }), observation('c', { hasMember: [{ reference: 'Observation/gone' }] }));
  await server.add(order({ supportingInfo: ['a', 'b', 'c'].map((id) => ({ reference: `Observation/${id}` })) }));
});
afterAll(() => server.stop());
beforeEach(() => {
  server.refuse = () => undefined;
  server.requests.length = 0;
});

const run = (options: Partial<Omit<AssembleOptions, 'elsewhere'>> = {}) => assemble(submitServiceRequest, 'ServiceRequest/123', { ...fetchReader(server), ...options });

const facts = (issues: readonly Issue[]) => issues.map(({ severity, code, rule, expression }) => [severity, code, rule, expression]);
const singly = { batch: undefined, search: undefined };

/** Without search nobody looks for what refers to the order: an issue that is beside the point here. */
const beside = (issues: readonly Issue[]) => issues.filter(({ rule }) => rule !== 'assemble.revinclude');

describe('assemble: a resource that cannot be had is an issue with the paths that lead to it', () => {
  it.each([
    ['a batch', {}],
    ['searches', { batch: undefined }],
    ['single reads', singly],
  ])('404, through %s', async (_says, ways) => {
    const { payload, issues } = await run(ways);

    expect(facts(beside(issues))).toEqual([['warning', 'not-found', 'assemble.unread', ['Observation[1].hasMember[1]', 'Observation[2].hasMember[0]']]]);
    expect(payload.Observation?.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [403, 'forbidden'],
    [404, 'not-found'],
    [410, 'deleted'],
    [504, 'timeout'],
    [408, 'timeout'],
  ])('%i, which is %s', async (status, code) => {
    server.refuse = (request) => (request === 'GET Organization/clinic' ? status : undefined);

    const { payload, issues } = await run(singly);

    expect(facts(beside(issues))).toContainEqual(['warning', code, 'assemble.unread', ['PractitionerRole[0].organization']]);
    expect(payload.Organization).toEqual([]);
    expect(JSON.stringify(issues)).not.toMatch(/MILLER|clinic/);
  });

  it.each([
    ['the reader says so', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
    ['its time is up', () => new Promise(() => undefined)],
  ])('no answer in time, as %s', async (_says, late) => {
    const reader = readerOf([patient, role, organization, order()]);
    const read: Reader['read'] = (reference, options) => (reference === 'Practitioner/who' ? late() : reader.read(reference, options));

    const { issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', { read, timeoutMs: 20 });

    expect(facts(beside(issues))).toEqual([['warning', 'timeout', 'assemble.unread', ['PractitionerRole[0].practitioner']]]);
  });

  it('a client that carries an OperationOutcome instead of a status, as Medplum does', async () => {
    const deleted = Object.assign(new Error('Patient MILLER'), { outcome: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'deleted', details: { text: 'MILLER' } }] } });
    const { read } = fetchReader(server);

    const { issues } = await run({ ...singly, read: (reference, options) => (reference === 'Organization/clinic' ? Promise.reject(deleted) : read(reference, options)) });

    expect(facts(beside(issues))).toContainEqual(['warning', 'deleted', 'assemble.unread', ['PractitionerRole[0].organization']]);
    expect(JSON.stringify(issues)).not.toContain('MILLER');
  });
});

describe('assemble: a reader of few lines says what is not there in its own way', () => {
  const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found', details: { text: 'MILLER' } }] };

  it.each([
    ['by undefined, as a lookup does', () => Promise.resolve(undefined)],
    ['by null', () => Promise.resolve(null)],
    ["by the server's OperationOutcome, where it looks at no status", () => Promise.resolve(outcome)],
    ['by an error whose response has the status, as axios and fhir-kit-client throw', () => Promise.reject(Object.assign(new Error('MILLER'), { response: { status: 404, data: outcome } }))],
  ])('%s', async (_says, absent) => {
    const { read } = fetchReader(server);

    const { issues } = await run({ ...singly, read: (reference, options) => (reference === 'Organization/clinic' ? absent() : read(reference, options)) });

    expect(facts(beside(issues))).toContainEqual(['warning', 'not-found', 'assemble.unread', ['PractitionerRole[0].organization']]);
    expect(JSON.stringify(issues)).not.toContain('MILLER');
  });
});

describe('assemble: what the contract needs is an error (message.invalid)', () => {
  it.each([403, 404, 410])('a patient that answers %i', async (status) => {
    server.refuse = (request) => (request === 'GET Patient/1' ? status : undefined);

    const error = await failure(run(singly));

    expect(error.code).toBe('message.invalid');
    expect(facts(error.issues)).toContainEqual(['error', { 403: 'forbidden', 404: 'not-found', 410: 'deleted' }[status], 'assemble.unread', ['ServiceRequest.subject', ...[0, 1, 2].map((index) => `Observation[${index}].subject`)]]);
    expect(facts(error.issues)).toContainEqual(['error', 'required', 'payload.min', ['Patient']]);
  });

  it('a focus that is not there', async () => {
    const error = await failure(assemble(submitServiceRequest, 'ServiceRequest/none', fetchReader(server)));

    expect([error.code, ...facts(error.issues)]).toEqual(['message.invalid', ['error', 'not-found', 'assemble.unread', ['ServiceRequest']]]);
  });

  it.each(['Patient/1', 'https://elsewhere.example/ServiceRequest/1', 'urn:uuid:1', '#a'])('a focus that the event or the server does not have is a mistake: %s', async (reference) => {
    await expect(assemble(submitServiceRequest, reference, fetchReader(server))).rejects.toThrow(TypeError);
    expect(server.requests).toEqual([]);
  });
});

it.each([0, -1, 0.5, NaN])('assemble: no concurrency at all is a mistake, and not an empty payload: %s', async (concurrency) => {
  await expect(assemble(submitServiceRequest, 'ServiceRequest/123', { ...fetchReader(server), concurrency })).rejects.toThrow(new TypeError('assemble: concurrency is at least 1.'));
});

describe('assemble: what says nothing of one resource ends it', () => {
  it.each([
    [401, 'session.expired'],
    [429, 'transport.status'],
    [500, 'transport.status'],
    [503, 'transport.status'],
  ])('%i (%s)', async (status, code) => {
    for (const ways of [{}, { batch: undefined }, singly]) {
      server.refuse = (request) => (request === 'GET ServiceRequest/123' ? undefined : status);
      const error = await failure(run(ways));

      expect([error.code, error.status]).toEqual([code, status]);
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('MILLER');
    }
  });

  it("another client's error, of which only the status is passed on: its text may quote the record", async () => {
    const own = Object.assign(new Error('{ "family": "MILLER" }'), { status: 502 });
    const error = await failure(run({ ...singly, read: () => Promise.reject(own) }));

    expect([error.code, error.status, error.message, error.cause]).toEqual(['transport.status', 502, 'A read failed with: 502.', undefined]);
  });

  it.each([
    ['its own status', { status: 401 }],
    ['that of its response', { response: { status: 401 } }],
  ])("another client's 401, by %s (session.expired)", async (_says, facts) => {
    const error = await failure(run({ ...singly, read: () => Promise.reject(Object.assign(new Error('MILLER'), facts)) }));

    expect([error.code, error.status]).toEqual(['session.expired', 401]);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('MILLER');
  });

  it("an abort of the reader's own, as at a sign-out (transport.failed)", async () => {
    const { read } = fetchReader(server);
    const error = await failure(run({ ...singly, read: (reference, options) => (reference === 'Organization/clinic' ? Promise.reject(new DOMException('signed out', 'AbortError')) : read(reference, options)) }));

    expect(error).toMatchObject({ code: 'transport.failed', message: 'A read failed with: AbortError.' });
  });

  it('no connection (transport.failed)', async () => {
    const error = await failure(run(fetchReader({ baseUrl: 'http://127.0.0.1:1/fhir' })));

    expect(error.code).toBe('transport.failed');
  });

  it.each([
    ['another patient, as after a merge', { ...patient, id: '2' }, 'reply.mismatch'],
    ['another type', { resourceType: 'Organization', id: '1' }, 'reply.mismatch'],
    ['an OperationOutcome that says nothing of one resource', { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception', diagnostics: 'MILLER' }] }, 'transport.failed'],
    ['no JSON object', 'Patient/1', 'reply.invalid'],
  ])('a read that is answered with %s', async (_says, wrong, code) => {
    const { read } = fetchReader(server);
    const error = await failure(run({ ...singly, read: (reference, options) => (reference === 'Patient/1' ? Promise.resolve(wrong) : read(reference, options)) }));

    expect(error.code).toBe(code);
    expect(error.message).not.toContain('MILLER');
  });

  it.each([
    ['login', 'session.expired'],
    ['expired', 'session.expired'],
    ['throttled', 'transport.failed'],
  ])('an OperationOutcome of %s in place of the resource, from a reader that looks at no status: %s', async (code, expected) => {
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: 'MILLER' }] };
    const readers = [() => Promise.resolve(outcome), () => Promise.reject(Object.assign(new Error('MILLER'), { name: code, outcome }))];
    for (const read of readers) {
      const error = await failure(run({ ...singly, read }));

      expect([error.code, error.message]).toEqual([expected, `A read failed with: ${code}.`]);
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('MILLER');
    }
  });

  it('an abort, with its own reason, after which nothing more is asked', async () => {
    const controller = new AbortController();
    const reason = new Error('the user left');
    const { read } = fetchReader(server);
    const asked: string[] = [];
    const left = run({
      ...singly,
      signal: controller.signal,
      read: (reference, options) => {
        asked.push(reference);
        return read(reference, options);
      },
      onProgress: (progress) => void (progress.read === 1 && controller.abort(reason)),
    });

    await expect(left).rejects.toBe(reason);
    expect(asked).toEqual(['ServiceRequest/123']);
  });

  it('and what is still on its way is aborted', async () => {
    const { read } = fetchReader(server);
    const signals: AbortSignal[] = [];
    await failure(
      run({
        ...singly,
        read: (reference, options) => {
          if (reference === 'ServiceRequest/123') return read(reference, options);
          if (reference === 'Observation/a') return Promise.reject(Object.assign(new Error(), { status: 500 }));
          signals.push(options.signal!);
          return new Promise(() => undefined);
        },
      }),
    );

    expect(signals.map(({ aborted }) => aborted)).toEqual(signals.map(() => true));
    expect(signals.length).toBeGreaterThan(0);
  });
});

describe('assemble: what a server offers', () => {
  it('is tried once: a refused batch leads to searches, refused searches to reads', async () => {
    server.refuse = (request) => (request === 'POST ' ? 405 : request.includes('?') ? 400 : undefined);

    const { payload, issues } = await run();

    expect(server.requests.filter((request) => request === 'POST ').length).toBe(1);
    expect(payload.Observation?.length).toBe(3);
    expect(facts(issues)).toContainEqual(['warning', 'not-supported', 'assemble.revinclude', ['QuestionnaireResponse']]);
  });

  it('is searched by type: a type whose search is refused is not searched again, and a version is no search', async () => {
    const asked: string[] = [];
    const refused: Reader['search'] = (query) => {
      asked.push(query);
      return Promise.reject(Object.assign(new Error(), { status: 403 }));
    };
    const deeper = observation('b', { hasMember: ['c', 'd'].map((id) => ({ reference: `Observation/${id}` })) });
    const versions = ['x', 'y'].map((id) => ({ resourceType: 'Practitioner', id, meta: { versionId: '1' } }));
    const performer = versions.map(({ id }) => ({ reference: `Practitioner/${id}/_history/1` }));
    const reader = readerOf([patient, observation('a'), deeper, observation('c'), observation('d'), ...versions, order({ requester: undefined, performer, supportingInfo: ['a', 'b'].map((id) => ({ reference: `Observation/${id}` })) })]);

    const { payload } = await assemble(submitServiceRequest, 'ServiceRequest/123', { ...reader, search: refused });

    expect(asked.filter((query) => query.includes('_id'))).toEqual(['Observation?_id=a,b&_count=2']);
    expect([payload.Observation?.length, payload.Practitioner?.length]).toEqual([4, 2]);
  });

  it.each([
    ['again for what a shorter page left out, as long as there is a next page', 10, true, 5],
    ['once where the page was the last: what did not come is read, which tells why', 10, false, 1],
    ['once where the page brought nothing', 0, true, 1],
  ])('is searched %s', async (_says, mostOnPage, hasNext, searches) => {
    const ids = Array.from({ length: 45 }, (_, position) => `o${position}`);
    const reader = readerOf([patient, order({ requester: undefined, supportingInfo: ids.map((id) => ({ reference: `Observation/${id}` })) }), ...ids.map((id) => observation(id))]);
    const asked: string[] = [];
    const search: Reader['search'] = (query) => {
      asked.push(query);
      const found = /_id=([^&]*)/.exec(query)?.[1]?.split(',').slice(0, mostOnPage) ?? [];
      return Promise.resolve({ resourceType: 'Bundle', type: 'searchset', ...(hasNext && found.length < 45 && { link: [{ relation: 'next', url: 'x' }] }), entry: found.map((id) => ({ resource: observation(id) })) });
    };

    const { payload, issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', { ...reader, search });

    expect(payload.Observation?.length).toBe(45);
    expect(beside(issues)).toEqual([]);
    expect(asked.filter((query) => query.startsWith('Observation')).length).toBe(searches);
    expect(reader.asked.length).toBe(2 + 45 - Math.min(45, mostOnPage * searches));
  });

  it('takes no batch for one resource', async () => {
    await assemble(submitServiceRequest, 'ServiceRequest/123', { ...fetchReader(server), known: [patient, role, ...['a', 'b', 'c'].map((id) => observation(id) as Resource)], search: () => Promise.resolve({ resourceType: 'Bundle' }) });

    expect(server.requests).toEqual(['POST ', 'POST ']);
    server.requests.length = 0;

    const table = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } } as const;
    await assemble(defineEvent(table), 'ServiceRequest/123', fetchReader(server));

    expect(server.requests).toEqual(['GET ServiceRequest/123', 'GET Patient/1']);
  });

  it('is not believed where a batch answers with fewer entries than it was asked for', async () => {
    const { payload } = await run({ batch: () => Promise.resolve({ resourceType: 'Bundle', type: 'batch-response', entry: [] }) });

    expect(payload.Observation?.length).toBe(3);
  });

  it('is asked of by no more than so many requests at a time', async () => {
    const { read } = fetchReader(server);
    let [now, most] = [0, 0];
    const counted: typeof read = async (reference, options) => {
      most = Math.max(most, (now += 1));
      try {
        return await read(reference, options);
      } finally {
        now -= 1;
      }
    };

    await run({ ...singly, read: counted, concurrency: 2 });

    expect(most).toBe(2);
  });
});

describe('assemble: limits (input.limit)', () => {
  it.each([
    ['maxDepth', { maxDepth: 1 }, { maxDepth: 2 }],
    ['maxResources', { maxResources: 7 }, { maxResources: 9 }],
  ])('%s', async (_says, low, enough) => {
    expect((await failure(run(low))).code).toBe('input.limit');
    await expect(run(enough)).resolves.toBeDefined();
  });

  it('count what a search found, too', async () => {
    const entry = ['a', 'b'].map((id) => ({ resource: { ...answers, id } }));
    const options = { ...readerOf([patient, order({ requester: undefined })]), search: () => Promise.resolve({ resourceType: 'Bundle', type: 'searchset', entry }) };

    expect((await failure(assemble(submitServiceRequest, 'ServiceRequest/123', { ...options, maxResources: 3 }))).code).toBe('input.limit');
    await expect(assemble(submitServiceRequest, 'ServiceRequest/123', { ...options, maxResources: 4 })).resolves.toBeDefined();
  });
});

it('a display that throws is no reason to lose a payload', async () => {
  const broken = (): never => {
    throw new Error('broken');
  };

  await expect(run({ onProgress: broken })).resolves.toBeDefined();
});

it('a payload with issues still makes a message', async () => {
  const { payload } = await run();

  expect(createMessage(submitServiceRequest, payload, { source: 'https://app.example.org', base: server.baseUrl }).graph.size).toBe(9);
});
