import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../create-sandbox.ts';
import type { Sandbox, SignIn } from '../create-sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
});

afterAll(async () => {
  await sandbox.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly entry?: readonly { readonly fullUrl: string; readonly resource: { readonly resourceType: string } }[] };
}

async function ask(user: SignIn, path: string, init: RequestInit = {}): Promise<Answer> {
  const { access_token } = await sandbox.signIn(user);
  const answer = await fetch(`${sandbox.baseUrl}/${path}`, { ...init, headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/fhir+json' } });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const everybody = { scope: 'user/*.read user/*.write' };
const amy = { scope: 'patient/*.read patient/*.write', patient: 'amy-shaw' };

describe('the FHIR server', () => {
  it.each([
    ['ServiceRequest?patient=ben-okafor', ['ServiceRequest']],
    ['Patient?name=Sha', ['Patient']],
    ['Coverage?beneficiary=Patient/clara-lind', ['Coverage']],
    ['ServiceRequest?_id=amy-shaw-order&_include=ServiceRequest:requester', ['ServiceRequest', 'PractitionerRole']],
    ['Patient?name=nobody', []],
  ])('finds by %s', async (query, types) => {
    const { status, body } = await ask(everybody, query);

    expect(status).toBe(200);
    expect((body.entry ?? []).map(({ resource }) => resource.resourceType)).toEqual(types);
    expect((body.entry ?? []).every(({ fullUrl }) => fullUrl.startsWith(`${sandbox.baseUrl}/`))).toBe(true);
  });

  it.each(['Patient?_count=1', 'Patient?_summary=count', 'Patient?_offset=2'])('says of %s how many there are, whatever the page has of them', async (query) => {
    expect((await ask(everybody, query)).body['total']).toBe(3);
  });

  it('takes a search by POST, and what is created is read', async () => {
    const created = await ask(everybody, 'Observation', { method: 'POST', body: JSON.stringify({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/amy-shaw' } }) });

    expect(created.status).toBe(201);
    expect((await ask(everybody, `Observation/${String(created.body['id'])}`)).body).toMatchObject({ status: 'final' });
  });

  it.each([
    ['Patient/nobody', 404],
    ['$nothing', 404],
  ])('answers %s with %d and an OperationOutcome', async (path, status) => {
    expect(await ask(everybody, path)).toMatchObject({ status, body: { resourceType: 'OperationOutcome' } });
  });

  it('answers a body that is no JSON with 400', async () => {
    expect((await ask(everybody, 'Patient', { method: 'POST', body: '{' })).status).toBe(400);
  });
});

describe('a batch', () => {
  const batch = (...entries: readonly (readonly [method: string, url: string])[]): RequestInit => ({
    method: 'POST',
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: entries.map(([method, url]) => ({ request: { method, url } })) }),
  });
  const statusesOf = ({ body }: Answer): unknown => (body.entry as unknown as readonly { response: { status: string } }[]).map(({ response }) => response.status);

  it('of reads and searches is answered entry by entry, in their order', async () => {
    const answer = await ask(everybody, '', batch(['GET', 'Patient/amy-shaw'], ['GET', 'Coverage?beneficiary=Patient/clara-lind'], ['GET', 'Patient/nobody']));

    expect(answer).toMatchObject({ status: 200, body: { type: 'batch-response', entry: [{ resource: { id: 'amy-shaw' } }, { resource: { type: 'searchset', total: 1 } }, { response: { outcome: { resourceType: 'OperationOutcome' } } }] } });
    expect(statusesOf(answer)).toEqual(['200', '200', '404']);
  });

  it('shows nothing that a read by itself would not, and reads on this server alone', async () => {
    const answer = await ask(amy, '', batch(['GET', 'Patient/amy-shaw'], ['GET', 'Patient/ben-okafor'], ['GET', 'http://127.0.0.1:1/Patient/x'], ['GET', '../auth/token'], ['DELETE', 'Patient/amy-shaw']));

    expect(statusesOf(answer)).toEqual(['200', '403', '400', '400', '405']);
    expect(JSON.stringify(answer.body)).not.toContain('Okafor');
    expect((await ask(everybody, 'Patient/amy-shaw')).status).toBe(200);
  });

  it('that is none is refused', async () => {
    expect((await ask(everybody, '', { method: 'POST', body: '{"resourceType":"Bundle","type":"transaction"}' })).status).toBe(400);
    expect((await fetch(sandbox.baseUrl, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

describe('a patient/ scope', () => {
  it.each(['Patient/amy-shaw', 'ServiceRequest/amy-shaw-order', 'Practitioner/nadia-holm', 'Questionnaire/referral-intake'])('shows %s', async (path) => {
    expect((await ask(amy, path)).status).toBe(200);
  });

  it.each(['Patient/ben-okafor', 'ServiceRequest/ben-okafor-order', 'Coverage/clara-lind-coverage'])("does not show %s of somebody else's", async (path) => {
    expect((await ask(amy, path)).status).toBe(403);
  });

  it('leaves others out of what is found', async () => {
    const { body } = await ask(amy, 'Patient');

    expect([body['total'], body.entry?.map(({ fullUrl }) => fullUrl)]).toEqual([1, [`${sandbox.baseUrl}/Patient/amy-shaw`]]);
  });

  it.each(['Patient?name=Okafor', 'Coverage?beneficiary=Patient/clara-lind', 'Condition/ben-okafor-condition/_history'])('shows nothing of %s where all that is found is of others', async (query) => {
    const { status, body } = await ask(amy, query);

    expect([status, body.entry]).toEqual([200, undefined]);
    expect(JSON.stringify(body)).not.toMatch(/Okafor|ben-|clara-/);
  });

  it.each(['Patient?_count=1', 'Patient?_summary=count'])('does not say by %s how many others have', async (query) => {
    expect((await ask(amy, query)).body).not.toHaveProperty('total');
  });

  it('makes nothing that is of its patient one of another, by a PATCH', async () => {
    const toBen = JSON.stringify([{ op: 'replace', path: '/subject/reference', value: 'Patient/ben-okafor' }]);

    expect((await ask(amy, 'Condition/amy-shaw-condition', { method: 'PATCH', body: toBen })).status).toBe(403);
    expect((await ask(everybody, 'Condition/amy-shaw-condition')).body).toMatchObject({ subject: { reference: 'Patient/amy-shaw' } });
  });

  it.each([
    ['DELETE', 'Condition/ben-okafor-condition', undefined],
    ['PUT', 'Condition/amy-shaw-condition', { resourceType: 'Condition', id: 'amy-shaw-condition', subject: { reference: 'Patient/ben-okafor' } }],
  ])('does not %s %s', async (method, path, body) => {
    expect((await ask(amy, path, { method, ...(body && { body: JSON.stringify(body) }) })).status).toBe(403);
    expect((await ask(everybody, path)).status).toBe(200);
  });
});

describe('a request', () => {
  it('from an app of any origin is let in by its token, with no cookie (CORS)', async () => {
    const answer = await fetch(`${sandbox.baseUrl}/$process-message`, { method: 'OPTIONS', headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-request-id' } });

    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-request-id');
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('takes of SMART 2 the letter of what it does, and no more', async () => {
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/amy-shaw' } };

    expect((await ask({ scope: 'patient/Patient.r', patient: 'amy-shaw' }, 'Patient/amy-shaw')).status).toBe(200);
    expect((await ask({ scope: 'user/Patient.r' }, 'Patient')).status).toBe(403);
    expect((await ask({ scope: 'user/Observation.c' }, 'Observation', { method: 'POST', body: JSON.stringify(observation) })).status).toBe(201);
  });

  it('without the scope is refused with the scope that it takes', async () => {
    expect(await ask({ scope: 'user/Observation.read' }, 'Patient/amy-shaw')).toMatchObject({ status: 403, body: { issue: [{ details: { text: 'This takes the scope user/Patient.read.' } }] } });
  });
});
