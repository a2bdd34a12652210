import { createReply, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { medplumReader, medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumClientLike } from '@fhir-messaging/medplum';
import { MedplumClient } from '@medplum/core';
import type { LoginState } from '@medplum/core';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, messageOf, messengerTo, reset, resetInBody, silence, source, startServer } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';

let server: Loopback;
afterEach(() => server.stop());

const message = messageOf();
const reply = JSON.stringify(createReply(message, { source: 'https://manager.example.org' }).bundle);
const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login"}]}';

/** A token that says when it ends, as Medplum's do; nobody here checks its signature. */
const tokenNamed = (name: string, expiresAtSeconds: number): string =>
  ['{"alg":"none"}', JSON.stringify({ sub: name, exp: expiresAtSeconds })].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.s';
const farAway = 4_102_444_800;
const [old, fresh] = [tokenNamed('old', farAway), tokenNamed('new', farAway)];

/** A server that gives out the token `fresh`, or refuses to, and lets nobody in with another. */
const sessionServer = (renewal: Step): Step => (incoming, outgoing) => {
  if (incoming.url === '/oauth2/token') return renewal(incoming, outgoing);
  const isIn = incoming.headers.authorization === `Bearer ${fresh}`;
  return answer(isIn ? 200 : 401, isIn ? reply : outcome, { 'content-type': 'application/fhir+json' })(incoming, outgoing);
};
const renews = answer(200, JSON.stringify({ access_token: fresh, refresh_token: 'r2', token_type: 'Bearer', profile: { reference: 'Practitioner/1' } }), { 'content-type': 'application/json' });

async function sendAs(token: string, refreshToken: string | undefined, renewal: Step, first?: Step): Promise<{ paths: string[]; outcome: unknown; medplum: MedplumClient }> {
  // One attempt of the messenger's: the second posts of these tests are the adapter's.
  const retry = { maxAttempts: 1 };
  server = await startServer(first ?? sessionServer(renewal));
  const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
  medplum.setAccessToken(token, refreshToken);
  const sending = messengerTo('', { transport: medplumTransport(medplum), source, retry }).messenger.send(message);
  const result = await sending.then(({ kind }) => kind, (error: unknown) => error);
  return { paths: server.requests.map(({ url }) => url), outcome: result, medplum };
}

const post = '/fhir/R4/$process-message';

describe('401 (messaging.html#process: not processed)', () => {
  it('has the token renewed once, and the same bytes posted once more', async () => {
    const { paths, outcome: told } = await sendAs(old, 'r1', renews);

    expect(told).toBe('ok');
    expect(paths).toEqual([post, '/oauth2/token', post]);
  });

  it('is session.expired, with what the server says, where there is nothing to renew the token by; the session stays', async () => {
    const { paths, outcome: told, medplum } = await sendAs(old, undefined, renews);

    expect(told).toMatchObject({ code: 'session.expired', status: 401, delivery: 'no', issues: [{ code: 'login' }] });
    expect(paths).toEqual([post]);
    expect(medplum.getAccessToken()).toBe(old);
  });

  it('is session.expired where the token cannot be renewed', async () => {
    const { paths, outcome: told } = await sendAs(old, 'r1', answer(400, '{"error":"invalid_grant"}', { 'content-type': 'application/json' }));

    expect(told).toMatchObject({ code: 'session.expired', status: 401, delivery: 'no', issues: [{ code: 'login' }] });
    expect(paths).toEqual([post, '/oauth2/token']);
  });
});

describe('a renewal after a 401 that fails, though the client keeps its token', () => {
  const failed = { code: 'transport.failed', delivery: 'no' };

  it('is transport.failed, delivery no: the messenger gets through by itself when the token endpoint is back', async () => {
    const steps = [reset, reset, reset, renews];
    server = await startServer(sessionServer((incoming, outgoing) => steps.shift()?.(incoming, outgoing)));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(old, 'r1');
    const transport = medplumTransport(medplum);

    await expect(transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal })).rejects.toMatchObject(failed);
    expect(await messengerTo('', { transport, source }).messenger.send(message)).toMatchObject({ kind: 'ok', attempts: 1 });
  });

  it.each<[says: string, fails: () => Promise<void>]>([
    ['throws', () => { throw new Error('cannot'); }],
    ['rejects', () => Promise.reject(new Error('cannot'))],
  ])('is that too where the client %s', async (_, fails) => {
    server = await startServer(answer(401, outcome));
    const medplum: MedplumClientLike = { fhirUrl: (...path) => new URL(path.join('/'), `${server.url}/`), getAccessToken: () => old, refreshIfExpired: (gracePeriod) => (gracePeriod === Infinity ? fails() : Promise.resolve()) };

    await expect(medplumTransport(medplum)({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal })).rejects.toMatchObject(failed);
  });
});

describe('a 401 whose renewal the client ends its login over', () => {
  it('is session.expired, though the token endpoint is only down for now (503)', async () => {
    const { outcome: told, medplum } = await sendAs(old, 'r1', answer(503));

    expect(told).toMatchObject({ code: 'session.expired', delivery: 'no', issues: [{ code: 'login' }] });
    expect(medplum.getAccessToken()).toBeUndefined();
  });
});

it('a 401 whose body breaks off is session.expired all the same', async () => {
  const { outcome: told } = await sendAs(old, undefined, renews, resetInBody(401));

  expect(told).toMatchObject({ code: 'session.expired', delivery: 'no' });
});

describe('a client that is frozen, and could keep no other token', () => {
  it('gets its answer where the server names a rate limit, which it cannot note', async () => {
    server = await startServer(answer(200, reply, { 'content-type': 'application/fhir+json', ratelimit: '"requests";r=5;t=60' }));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(old);
    const { messenger } = messengerTo('', { transport: medplumTransport(Object.freeze(medplum)), source });

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${old}`]);
  });

  it.each<[says: string, token: string]>([
    ['the server rejects', old],
    ['has run out', tokenNamed('old', 1)],
  ])('is asked for none where the server takes its token no more, as one that %s: session.expired', async (_, token) => {
    server = await startServer(sessionServer(renews));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(token, 'r1');
    const transport = medplumTransport(Object.freeze(medplum));

    await expect(transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal })).rejects.toMatchObject({ code: 'session.expired', delivery: 'no', issues: [{ code: 'login' }] });
    // Time for a renewal that nobody waits for.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.requests.map(({ url }) => url)).toEqual([post]);
  });
});

describe('a client that is frozen', () => {
  it("still asks as it is set up to: by its own fetch, with its own headers", async () => {
    server = await startServer(answer(200, reply, { 'content-type': 'application/fhir+json' }));
    let asked = 0;
    const counting: typeof fetch = (...request) => fetch(...request).finally(() => (asked += 1));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href, fetch: counting, defaultHeaders: { 'x-medplum-on-behalf-of': 'ProjectMembership/1' } });
    medplum.setBasicAuth('app', 'secret');
    const { messenger } = messengerTo('', { transport: medplumTransport(Object.freeze(medplum)), source });

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(server.requests).toMatchObject([{ headers: { 'x-medplum-on-behalf-of': 'ProjectMembership/1', authorization: `Basic ${btoa('app:secret')}` } }]);
    expect(asked).toBe(1);
  });

  it('and whose methods are its own keeps its state elsewhere: it is asked by them, and for another token', async () => {
    server = await startServer(sessionServer(renews));
    let token = old;
    const facade: MedplumClientLike = Object.freeze({
      fhirUrl: (...path: string[]) => new URL(['fhir/R4', ...path].join('/'), server.url),
      getAccessToken: () => token,
      refreshIfExpired: (gracePeriod?: number) => Promise.resolve(void (token = gracePeriod === Infinity ? fresh : token)),
      wrappedFetch: (url: string, init: RequestInit) => {
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${token}`);
        return fetch(url, { ...init, headers });
      },
    });
    const { messenger } = messengerTo('', { transport: medplumTransport(facade), source });

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${old}`, `Bearer ${fresh}`]);
  });
});

describe('reading', () => {
  it("leaves out Medplum's own meta, whatever stands for another one", async () => {
    const odd = { resourceType: 'Basic', meta: { project: 'p', tag: [] }, contained: [{ resourceType: 'Basic', meta: null }, { resourceType: 'Basic', meta: { author: {} } }] };
    server = await startServer(answer(200, JSON.stringify(odd)));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });

    expect(await medplumReader(medplum).read('Basic/1', {})).toEqual({ ...odd, meta: { tag: [] }, contained: [odd.contained[0], { resourceType: 'Basic', meta: {} }] });
  });

  it('takes its own base off an absolute reference', async () => {
    server = await startServer(answer(200, '{"resourceType":"Patient","id":"1"}'));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplumReader(medplum).read(medplum.fhirUrl('Patient', '1').href, {});

    expect(server.requests.map(({ url }) => url)).toEqual(['/fhir/R4/Patient/1']);
  });

  it('has the token renewed too, and a 401 that stays is session.expired', async () => {
    server = await startServer(sessionServer(renews));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(old);
    await expect(medplumReader(medplum).read('Patient/1', {})).rejects.toMatchObject({ code: 'session.expired', issues: [{ code: 'login' }] });
    medplum.setAccessToken(old, 'r1');

    expect(await medplumReader(medplum).read('Patient/1', {})).toMatchObject({ resourceType: 'Bundle' });
  });
});

describe('an abort while reading waits for a token that', () => {
  it.each<[says: string, token: string, paths: string[]]>([
    ['runs out', tokenNamed('old', 1), ['/oauth2/token']],
    ['the server rejects', old, ['/fhir/R4/Patient/1', '/oauth2/token']],
  ])("%s: the signal's own reason, at once", async (_, token, paths) => {
    const aborting = new AbortController();
    const hangs: Step = (incoming, outgoing) => {
      aborting.abort('gone');
      void silence(incoming, outgoing);
    };
    server = await startServer(sessionServer(hangs));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(token, 'r1');

    await expect(medplumReader(medplum).read('Patient/1', { signal: aborting.signal })).rejects.toBe('gone');
    expect(server.requests.map(({ url }) => url)).toEqual(paths);
  });
});

describe('a login at a server that is not Medplum’s, which names no project and no profile', () => {
  it('sends and reads all the same', async () => {
    server = await startServer((incoming, outgoing) =>
      incoming.url === '/token'
        ? answer(200, '{"access_token":"opaque","refresh_token":"r","token_type":"Bearer","patient":"1"}', { 'content-type': 'application/json' })(incoming, outgoing)
        : answer(200, reply, { 'content-type': 'application/fhir+json' })(incoming, outgoing),
    );
    const baseUrl = new URL('/', server.url).href;
    const medplum = new MedplumClient({ baseUrl, fhirUrlPath: '', tokenUrl: `${baseUrl}token`, clientId: 'app' });
    await medplum.processCode('code', { redirectUri: 'https://app.example.org' });
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source });

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(await medplumReader(medplum).read('Patient/1', {})).toMatchObject({ resourceType: 'Bundle' });
    expect(server.requests.slice(1).map(({ headers }) => headers.authorization)).toEqual(['Bearer opaque', 'Bearer opaque']);
  });
});

describe('a token that has run out', () => {
  it('is renewed before the message is posted', async () => {
    const { paths, outcome: told } = await sendAs(tokenNamed('old', 1), 'r1', renews);

    expect(told).toBe('ok');
    expect(paths).toEqual(['/oauth2/token', post]);
  });

  it('and cannot be renewed: session.expired, nothing is sent, and nothing of what the token endpoint says is passed on', async () => {
    const { paths, outcome: told } = await sendAs(tokenNamed('old', 1), 'r1', answer(400, '{"error":"invalid_grant","error_description":"r1"}', { 'content-type': 'application/json' }));

    expect(told).toMatchObject({ code: 'session.expired', delivery: 'no', cause: undefined });
    expect(paths).toEqual(['/oauth2/token']);
  });

  it('and whose renewal breaks off: transport.failed, nothing is sent, and the next attempt may go through', async () => {
    const { outcome: told, medplum } = await sendAs(tokenNamed('old', 1), 'r1', reset);

    expect(told).toMatchObject({ code: 'transport.failed', delivery: 'no', cause: undefined });
    expect(medplum.getAccessToken()).toBeDefined();
    expect(server.requests.some(({ url }) => url === post)).toBe(false);
  });
});

describe('another one signs in on the same client', () => {
  const login = (name: string, token: string): LoginState => ({ accessToken: token, refreshToken: '', project: { reference: 'Project/1' }, profile: { reference: `Practitioner/${name}` } });
  const other = tokenNamed('other', farAway);
  /** Lets both in; who asks who they are is told so. */
  const ward = (...steps: Step[]): Step => (incoming, outgoing) => {
    if (incoming.url === '/auth/me') return answer(200, '{"profile":{"resourceType":"Practitioner","id":"x"}}', { 'content-type': 'application/json' })(incoming, outgoing);
    return (steps.shift() ?? answer(200, reply, { 'content-type': 'application/fhir+json' }))(incoming, outgoing);
  };
  const posted = (): (string | undefined)[] => server.requests.filter(({ url }) => url === post).map(({ headers }) => headers.authorization);

  it.each(['consequence', 'currency'] as const)('between two attempts: the %s does not go out under the other account, session.expired', async (category) => {
    server = await startServer(ward(answer(503)));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplum.setActiveLogin(login('1', old));
    const change = (): Promise<void> => medplum.setActiveLogin(login('2', other));
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source, sleep: change });

    await expect(messenger.send(messageOf(category))).rejects.toMatchObject({ code: 'session.expired', delivery: 'no' });
    expect(posted()).toEqual([`Bearer ${old}`]);
    expect((await messenger.send(message)).kind).toBe('ok');
    expect(posted()).toEqual([`Bearer ${old}`, `Bearer ${other}`]);
  });

  it('before a person sends the very same message again: nor then', async () => {
    server = await startServer(ward(reset));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplum.setActiveLogin(login('1', old));
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source, retry: { maxAttempts: 1 } });
    await expect(messenger.send(message)).rejects.toMatchObject({ delivery: 'unknown' });

    await medplum.setActiveLogin(login('2', other));
    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'session.expired' });
    await medplum.setActiveLogin(login('1', fresh));
    expect((await messenger.send(message)).kind).toBe('ok');
    expect(posted()).toEqual([`Bearer ${old}`, `Bearer ${fresh}`]);
  });

  it.each([
    ['with what it says of its reply', { responseRequest: 'never' }, (sent: Message) => sent],
    ['read again from its bytes', {}, (sent: Message) => readMessage(sent.bytes)],
  ] as const)('nor %s', async (_, options, again) => {
    server = await startServer(ward(reset));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplum.setActiveLogin(login('1', old));
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source, retry: { maxAttempts: 1 } });
    await expect(messenger.send(message, options)).rejects.toMatchObject({ delivery: 'unknown' });

    await medplum.setActiveLogin(login('2', other));
    await expect(messenger.send(again(message), options)).rejects.toMatchObject({ code: 'session.expired' });
    expect(posted()).toEqual([`Bearer ${old}`]);
  });

  it('while it is under way, and the server answers 401: nor then', async () => {
    const change: Step = async (incoming, outgoing) => {
      await medplum.setActiveLogin(login('2', other));
      await answer(401)(incoming, outgoing);
    };
    server = await startServer(ward(change));
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplum.setActiveLogin(login('1', old));
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source });

    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'session.expired', delivery: 'no' });
    expect(posted()).toEqual([`Bearer ${old}`]);
  });

  it('while nobody is, before its first attempt: nor then; it goes when the first one is back', async () => {
    server = await startServer(ward());
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    await medplum.setActiveLogin(login('1', old));
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source });
    medplum.clear();
    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'session.expired', delivery: 'no' });

    await medplum.setActiveLogin(login('2', other));
    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'session.expired', delivery: 'no' });
    await medplum.setActiveLogin(login('1', fresh));
    expect((await messenger.send(message)).kind).toBe('ok');
    expect(posted()).toEqual([`Bearer ${fresh}`]);
  });

  it.each<[says: string, first: Step[], renewed: string, requests: number]>([
    ['the token that has run out', [], tokenNamed('old', 1), 0],
    ['the one that the server rejects', [answer(401)], old, 1],
  ])('is looked at when it leaves (onLeaving): while %s is renewed, nothing goes out for another one', async (_, first, token, requests) => {
    let signedIn = 'first';
    server = await startServer((incoming, outgoing) => {
      if (incoming.url !== '/oauth2/token') return (first.shift() ?? answer(200, reply))(incoming, outgoing);
      signedIn = 'other';
      return renews(incoming, outgoing);
    });
    const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href });
    medplum.setAccessToken(token, 'r1');
    const stop = new AbortController();
    const onLeaving = (): void => {
      if (signedIn !== 'first') stop.abort(new Error('signed out'));
    };
    const { messenger } = messengerTo('', { transport: medplumTransport(medplum), source });

    await expect(messenger.send(message, { signal: stop.signal, onLeaving })).rejects.toThrow('signed out');
    expect(posted()).toHaveLength(requests);
  });
});
