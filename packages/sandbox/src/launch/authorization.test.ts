import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../create-sandbox.ts';
import type { Sandbox } from '../create-sandbox.ts';
import { challengeOf } from './pkce.ts';

const redirectUri = 'http://127.0.0.1:9/callback';
const verifier = 'a-verifier-that-is-long-enough-for-the-rule-of-43';

let time = Date.parse('2026-01-15T10:00:00Z');
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox({ now: () => time, tokenLifetimeSeconds: 60 });
});

afterAll(async () => {
  await sandbox.close();
});

/** Asks for a code of an EHR launch; gives where the browser is sent, or what the page says. */
async function authorize(changes: Readonly<Record<string, string | undefined>> = {}): Promise<URL | number> {
  const launch = new URL(sandbox.launch('http://localhost:9/launch')).searchParams.get('launch') ?? '';
  const asked = { response_type: 'code', client_id: 'app', redirect_uri: redirectUri, state: 's', aud: sandbox.baseUrl, scope: 'launch user/*.read offline_access', launch, code_challenge: await challengeOf(verifier), code_challenge_method: 'S256', ...changes };
  const query = new URLSearchParams(Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const answer = await fetch(`${new URL(sandbox.baseUrl).origin}/auth/authorize?${query}`, { redirect: 'manual' });
  const location = answer.headers.get('location');
  return location === null ? answer.status : new URL(location);
}

const codeOf = async (): Promise<string> => {
  const url = await authorize();
  return url instanceof URL ? (url.searchParams.get('code') ?? '') : '';
};

const token = async (form: Record<string, string>): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> => {
  const answer = await fetch(`${new URL(sandbox.baseUrl).origin}/auth/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'app', ...form }) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
};

const exchange = (code: string, changes: Record<string, string> = {}): ReturnType<typeof token> =>
  token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...changes });

const read = async (accessToken: unknown): Promise<number> => (await fetch(`${sandbox.baseUrl}/Patient/amy-shaw`, { headers: { authorization: `Bearer ${String(accessToken)}` } })).status;

describe('the authorization endpoint', () => {
  it('sends the app its own state, and a code', async () => {
    const url = await authorize();

    expect(url).toMatchObject({ origin: 'http://127.0.0.1:9', pathname: '/callback' });
    expect(url instanceof URL && [...url.searchParams.keys()]).toEqual(['code', 'state']);
  });

  it.each([
    ['code_challenge', undefined, 'invalid_request'],
    ['code_challenge_method', 'plain', 'invalid_request'],
    ['state', undefined, 'invalid_request'],
    ['aud', 'https://elsewhere.example.org/fhir', 'invalid_request'],
    ['launch', 'unknown', 'invalid_request'],
    ['scope', 'nothing', 'invalid_scope'],
    ['response_type', 'token', 'unsupported_response_type'],
  ])('tells the app why not, where %s is %s', async (name, value, error) => {
    const url = await authorize({ [name]: value });

    expect(url instanceof URL && url.searchParams.get('error')).toBe(error);
    expect(url instanceof URL && url.searchParams.has('code')).toBe(false);
  });

  it('asks for the patient whose encounter a standalone launch wants, and gives that encounter alone (launch/encounter)', async () => {
    const asked = { response_type: 'code', client_id: 'app', redirect_uri: redirectUri, state: 's', aud: sandbox.baseUrl, scope: 'launch/encounter', code_challenge: await challengeOf(verifier), code_challenge_method: 'S256' };
    const url = `${new URL(sandbox.baseUrl).origin}/auth/authorize`;
    const page = await (await fetch(`${url}?${new URLSearchParams(asked)}`)).text();
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ...asked, answer: 'allow', user: 'Practitioner/nadia-holm', patient: 'amy-shaw' }) });
    const { body } = await exchange(new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '');

    expect(page).toContain('name="patient"');
    expect(body['encounter']).toBe('amy-shaw-visit');
    expect(body).not.toHaveProperty('patient');
  });

  it.each([
    ['client_id', undefined],
    ['redirect_uri', 'https://app.example.org/callback'],
    ['redirect_uri', 'http://localhost@app.example.org/'],
    ['redirect_uri', 'http://localhost.example.org/'],
    ['redirect_uri', 'not a url'],
  ])('sends nobody anywhere, where %s is %s', async (name, value) => {
    expect(await authorize({ [name]: value })).toBe(400);
  });
});

describe('the token endpoint', () => {
  it('answers with what SMART asks for, and has no cache keep it (SMART App Launch 2.2, 5.1.9.3)', async () => {
    const { status, headers, body } = await exchange(await codeOf());

    expect([status, headers.get('cache-control'), headers.get('pragma')]).toEqual([200, 'no-store', 'no-cache']);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 60, scope: 'launch user/*.read offline_access', patient: 'amy-shaw' });
    expect(Object.keys(body)).toEqual(['access_token', 'token_type', 'expires_in', 'scope', 'patient', 'refresh_token']);
  });

  it.each([{ code_verifier: 'another' }, { redirect_uri: 'http://127.0.0.1:9/other' }, { client_id: 'other' }, { code: 'none' }])('refuses a code with %j', async (changes) => {
    const { status, body } = await exchange(await codeOf(), changes);

    expect([status, body['error']]).toEqual([400, 'invalid_grant']);
  });

  it('takes a code once, and for a minute', async () => {
    const [used, old] = [await codeOf(), await codeOf()];
    await exchange(used);
    const again = await exchange(used);
    time += 60_000;

    expect([again.body['error'], (await exchange(old)).body['error']]).toEqual(['invalid_grant', 'invalid_grant']);
  });

  it('ends the tokens of a code that comes a second time, refreshed ones too, and no others (RFC 6749 4.1.2)', async () => {
    const [code, other] = [await codeOf(), (await exchange(await codeOf())).body];
    const { body } = await exchange(code);
    const refresh = (): ReturnType<typeof token> => token({ grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) });
    const refreshed = (await refresh()).body;
    await exchange(code);

    expect([await read(body['access_token']), await read(refreshed['access_token']), await read(other['access_token'])]).toEqual([401, 401, 200]);
    expect((await refresh()).body['error']).toBe('invalid_grant');
  });

  it('reads the client id of Basic credentials as a form encodes it (RFC 6749 2.3.1)', async () => {
    const url = await authorize({ client_id: 'my app:1+%' });
    const code = (url instanceof URL && url.searchParams.get('code')) || '';
    const answer = await fetch(`${new URL(sandbox.baseUrl).origin}/auth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('my+app%3A1%2B%25:any+secret')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }),
    });

    expect(answer.status).toBe(200);
  });

  it('ends an access token when its time is over; the refresh token gives another, and no more scopes', async () => {
    const { body } = await exchange(await codeOf());
    const before = await read(body['access_token']);
    time += 60_000;
    const after = await read(body['access_token']);
    const refresh = (form: Record<string, string> = {}): ReturnType<typeof token> => token({ grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...form });
    const refreshed = await refresh();

    expect([before, after, await read(refreshed.body['access_token'])]).toEqual([200, 401, 200]);
    expect((await refresh({ scope: 'user/*.read' })).body).not.toHaveProperty('refresh_token');
    expect((await refresh({ scope: 'user/*.write' })).body['error']).toBe('invalid_scope');
    expect((await refresh({ client_id: 'other' })).body['error']).toBe('invalid_grant');
  });

  it.each(['its time', 'a fault'])('renews no session that was ended, though %s ended its access token before', async (ended) => {
    const { access_token: accessToken, refresh_token: renewing = '' } = await sandbox.signIn();
    const message = (): Promise<Response> => fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${accessToken}` } });
    if (ended === 'its time') time += 60_000;
    else {
      sandbox.faults.switchOn('expired-token');
      await message();
    }
    sandbox.faults.switchOn('ended-session');
    await message();

    expect((await token({ grant_type: 'refresh_token', refresh_token: renewing, client_id: 'sandbox-app' })).body['error']).toBe('invalid_grant');
  });

  it('signs the identity token with the key that it publishes (OpenID Connect, RS256)', async () => {
    const { id_token: idToken = '' } = await sandbox.signIn();
    const [head = '', claims = '', signature = ''] = idToken.split('.');
    const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    const configuration = (await (await fetch(`${sandbox.baseUrl}/.well-known/smart-configuration`)).json()) as { jwks_uri: string };
    const { keys } = (await (await fetch(configuration.jwks_uri)).json()) as { keys: JsonWebKey[] };
    const key = await crypto.subtle.importKey('jwk', keys[0] ?? {}, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify']);

    expect(await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, bytes(signature), new TextEncoder().encode(`${head}.${claims}`))).toBe(true);
    expect(JSON.parse(new TextDecoder().decode(bytes(claims)))).toMatchObject({ aud: 'sandbox-app', fhirUser: `${sandbox.baseUrl}/Practitioner/nadia-holm` });
  });
});

describe('a sign-in without a launch', () => {
  it.each([
    [{ user: 'nobody' }, /^signIn: user is a reference .*such as Practitioner\/nadia-holm, Practitioner\/joel-park/],
    [{ user: 'Practitioner/nobody' }, /^signIn: user is .*Practitioner\/nadia-holm/],
    [{ user: 'Practitioner/../Patient/amy-shaw' }, /^signIn: user is/],
    [{ user: 'Encounter/amy-shaw-visit' }, /^signIn: user is/],
    [{ user: 'Organization/river-clinic' }, /^signIn: user is/],
    [{ patient: 'nobody' }, /^signIn: patient is the bare id of a Patient .*such as amy-shaw, ben-okafor, clara-lind/],
    [{ patient: 'Patient/amy-shaw' }, /^signIn: patient is the bare id/],
    [{ patient: 'amy-shaw?_summary=true' }, /^signIn: patient is the bare id/],
    [{ encounter: 'nothing' }, /^signIn: encounter is the bare id of an Encounter .*such as amy-shaw-visit/],
  ])('of %j, which is not in the chart, is refused with what is', async (context, message) => {
    const refused = await sandbox.signIn(context).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(TypeError);
    expect(refused).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('takes who was added to the chart, and a user who is a patient', async () => {
    const { access_token } = await sandbox.signIn({ scope: 'user/*.write' });
    const created = await fetch(`${sandbox.baseUrl}/Patient`, { method: 'POST', headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/fhir+json' }, body: JSON.stringify({ resourceType: 'Patient' }) });
    const { id } = (await created.json()) as { id: string };

    expect(await sandbox.signIn({ user: `Patient/${id}`, patient: id, encounter: undefined })).toMatchObject({ patient: id });
    expect(await sandbox.signIn({ patient: undefined })).not.toHaveProperty('patient');
  });
});

describe('pkce S256', () => {
  it('is the challenge of RFC 7636, appendix B', async () => {
    expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });
});
