import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
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
});
