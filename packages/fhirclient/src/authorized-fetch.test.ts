import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { authorizedFetch } from './authorized-fetch.ts';
import type { SmartClient } from './smart-client.ts';

const own = 'https://ehr.example.org';
const client: SmartClient = { state: { serverUrl: `${own}/r4` }, getAuthorizationHeader: () => 'Bearer first', refreshIfNeeded: () => Promise.resolve() };

describe('authorizedFetch', () => {
  it.each<[says: string, input: string | URL | Request]>([
    ['text', 'https://other.example.org/r4'],
    ['a URL', new URL('https://other.example.org/r4')],
    ['a Request', new Request('https://other.example.org/r4')],
  ])("asks nobody on another origin than the client's, given as %s: address.refused", async (_, input) => {
    const asked: unknown[] = [];
    const fetch = (...call: unknown[]): Promise<Response> => Promise.resolve(new Response(String(asked.push(call))));

    await expect(authorizedFetch(client, { fetch })(input)).rejects.toMatchObject({ code: 'address.refused', delivery: 'no' });
    expect(asked).toEqual([]);
  });

  it('keeps a 401 as it came where the client cannot renew its token', async () => {
    const withRefreshToken = { ...client, state: { ...client.state, tokenResponse: { refresh_token: 'renew-1' } } };
    const response = await authorizedFetch(withRefreshToken, { fetch: () => Promise.resolve(new Response('why', { status: 401 })) })(`${own}/r4`);

    expect(await response.text()).toBe('why');
  });

  it.each<[says: string, body: unknown]>([
    ["Node's own, as that of node-fetch", Readable.from(['unread'])],
    ['one that cannot be let go', { cancel: () => Promise.reject(new Error('reset')) }],
    ['one that is never let go', { cancel: () => new Promise(() => undefined) }],
  ])('sends again under the renewed token whatever the body of the 401 is: %s', async (_, body) => {
    const tokens = ['Bearer first', 'Bearer second'];
    const renewing: SmartClient = {
      state: { ...client.state, tokenResponse: { refresh_token: 'renew-1' } },
      getAuthorizationHeader: () => tokens[0] ?? null,
      refreshIfNeeded: () => Promise.resolve(),
      refresh: () => Promise.resolve(tokens.shift()),
    };
    const refused = Object.defineProperties(new Response(null, { status: 401 }), { body: { value: body }, text: { value: () => Promise.reject(new Error('reset')) } });
    const answers = [refused, new Response('done')];
    const response = await authorizedFetch(renewing, { fetch: () => Promise.resolve(answers.shift() ?? Response.error()) })(`${own}/r4`);

    expect(await response.text()).toBe('done');
  });

  it('renews nothing where the request was aborted before', async () => {
    let renewals = 0;
    const counting = { ...client, refreshIfNeeded: () => Promise.resolve((renewals += 1)) };

    await expect(authorizedFetch(counting, { fetch: () => Promise.resolve(new Response()) })(`${own}/r4`, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
    expect(renewals).toBe(0);
  });

  it("looks the platform's fetch up at each request, as it is then", async () => {
    const authorized = authorizedFetch(client, {});
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('later')));
    try {
      expect(await (await authorized(`${own}/r4`)).text()).toBe('later');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it.each<[says: string, isExpired: boolean]>([
    ['is about to expire', true],
    ['is rejected', false],
  ])('has a client that refreshes once for each that asks asked once for several requests at once, where the token %s', async (_, isExpired) => {
    let [token, refreshes] = ['Bearer first', 0];
    const refresh = async (): Promise<void> => {
      refreshes += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      token = 'Bearer second';
    };
    const simple: SmartClient = {
      state: { ...client.state, tokenResponse: { refresh_token: 'renew-1' } },
      getAuthorizationHeader: () => token,
      refreshIfNeeded: () => (isExpired && token === 'Bearer first' ? refresh() : Promise.resolve()),
      refresh,
    };
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> =>
      Promise.resolve(new Response(null, { status: new Headers(init?.headers).get('authorization') === 'Bearer second' ? 204 : 401 }));
    const responses = await Promise.all([1, 2].map(() => authorizedFetch(simple, { fetch })(`${own}/r4`)));

    expect(responses.map(({ status }) => status)).toEqual([204, 204]);
    expect(refreshes).toBe(1);
  });

  it.each<[says: string, isFirst: boolean]>([
    ['is already being renewed since it is about to expire', true],
    ['another request then finds about to expire', false],
  ])('has a client that refreshes once for each that asks asked once for a rejected token that %s', async (_, isFirst) => {
    let [token, isExpiring, refreshes] = ['Bearer first', false, 0];
    const refresh = async (): Promise<void> => {
      refreshes += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      [token, isExpiring] = ['Bearer second', false];
    };
    const simple: SmartClient = {
      state: { ...client.state, tokenResponse: { refresh_token: 'renew-1' } },
      getAuthorizationHeader: () => token,
      refreshIfNeeded: () => (isExpiring ? refresh() : Promise.resolve()),
      refresh,
    };
    let reject = (): void => undefined;
    const rejection = new Promise<Response>((resolve) => (reject = () => resolve(new Response(null, { status: 401 }))));
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> =>
      new Headers(init?.headers).get('authorization') === 'Bearer second' ? Promise.resolve(new Response(null, { status: 204 })) : rejection;
    const ask = async (): Promise<number> => (await authorizedFetch(simple, { fetch })(`${own}/r4`)).status;
    const asked = [ask()];
    const other = (): unknown => asked.push(ask());
    await turn();
    isExpiring = true;
    for (const next of isFirst ? [other, reject] : [reject, other]) {
      next();
      await turn();
    }

    expect(await Promise.all(asked)).toEqual([204, 204]);
    expect(refreshes).toBe(1);
  });

  it.each<[says: string, freeze: (facade: SmartClient) => unknown]>([
    ['is frozen', (facade) => Object.freeze(facade)],
    ['has a frozen state', ({ state }) => Object.freeze(state)],
  ])('has a client whose methods are its own, and keep its token elsewhere, renew it, though it %s', async (_, freeze) => {
    let token = 'Bearer first';
    const facade: SmartClient = {
      state: { ...client.state, tokenResponse: { refresh_token: 'renew-1' } },
      getAuthorizationHeader: () => token,
      refreshIfNeeded: () => Promise.resolve(),
      refresh: () => Promise.resolve((token = 'Bearer second')),
    };
    freeze(facade);
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> =>
      Promise.resolve(new Response(null, { status: new Headers(init?.headers).get('authorization') === 'Bearer second' ? 204 : 401 }));

    expect((await authorizedFetch(facade, { fetch })(`${own}/r4`)).status).toBe(204);
  });

  it('keeps it to itself where the storage of the session cannot be had: transport.failed', async () => {
    const tokenResponse: { refresh_token?: string } = { refresh_token: 'renew-1' };
    const broken: SmartClient = {
      state: { ...client.state, key: 'session-1', tokenResponse },
      environment: { getStorage: () => { throw new Error('no storage'); } },
      getAuthorizationHeader: () => 'Bearer first',
      refreshIfNeeded: () => Promise.resolve(),
      refresh: () => {
        delete tokenResponse.refresh_token;
        return Promise.reject(new Error('no connection'));
      },
    };

    await expect(authorizedFetch(broken, { fetch: () => Promise.resolve(new Response(null, { status: 401 })) })(`${own}/r4`)).rejects.toMatchObject({ code: 'transport.failed' });
    expect(tokenResponse.refresh_token).toBe('renew-1');
  });
});
