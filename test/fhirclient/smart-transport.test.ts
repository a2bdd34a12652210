import { createMessenger, isMessagingError } from '@fhir-messaging/core';
import type { Outgoing, Receipt, Transport } from '@fhir-messaging/core';
import { smartTransport } from '@fhir-messaging/fhirclient';
import type { SmartClient } from '@fhir-messaging/fhirclient';
import type Client from 'fhirclient/lib/Client.js';
import type { fhirclient } from 'fhirclient/lib/types.js';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answer, messageOf, reset, silence } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';
import { grant, launched, renewable } from './smart-session.ts';
import { start } from '../exchange/started.ts';

const message = messageOf();
const fhirJson = { 'content-type': 'application/fhir+json' };
const outcome = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login', diagnostics: 'Who are you?' }] });

function send(transport: Transport, outgoing: Partial<Outgoing> = {}): Promise<Receipt> {
  return transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal, ...outgoing });
}

const text = ({ body }: Receipt): string => new TextDecoder().decode(body);
const tokens = ({ requests }: Loopback): unknown[] => requests.map(({ headers }) => headers.authorization);

describe("smartTransport over the real client's Node build: lossless, one request each", () => {
  it.each<[says: string, status: number, body: string, headers: Record<string, string>]>([
    ['200 with a Bundle', 200, '{"resourceType":"Bundle","total": 1.50}', fhirJson],
    ['201 with a Location, which the client itself would fetch', 201, '', { location: '/r4/Bundle/1' }],
    ['202, empty', 202, '', {}],
    ['202 with a JSON content type and no body', 202, '', fhirJson],
    ['204', 204, '', {}],
    ['400 with an OperationOutcome', 400, outcome, fhirJson],
    ['403', 403, outcome, fhirJson],
    ['422 with a Bundle', 422, '{"resourceType":"Bundle"}', fhirJson],
    ['429 with Retry-After', 429, outcome, { ...fhirJson, 'retry-after': '7' }],
    ['502 with an error page', 502, '<html>\u00e4</html>', { 'content-type': 'text/html' }],
    ['503', 503, outcome, { ...fhirJson, 'x-request-id': 'r-1' }],
  ])('%s', async (_, status, body, headers) => {
    const server = await start(answer(status, body, headers));
    const receipt = await send(smartTransport(launched(server.url).client));

    expect(receipt.status).toBe(status);
    expect(text(receipt)).toBe(body);
    expect(receipt.body === undefined).toBe(body === '');
    expect(Object.fromEntries(receipt.headers ?? [])).toMatchObject(headers);
    expect(server.requests).toHaveLength(1);
  });

  it('a reset: transport.failed, delivery unknown', async () => {
    const server = await start(reset);

    await expect(send(smartTransport(launched(server.url).client))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it("posts the message's bytes to the client's server, with its token and the app's headers", async () => {
    let received = '';
    const server = await start(async (incoming, outgoing) => {
      for await (const chunk of incoming.setEncoding('utf8')) received += String(chunk);
      outgoing.writeHead(204).end();
    });
    const headers = ({ attempt }: { attempt: number }): HeadersInit => ({ 'x-attempt': String(attempt), authorization: 'Bearer of-the-app' });
    await send(smartTransport(launched(`${server.url}/`).client, { headers }), { async: true });

    expect(server.requests).toMatchObject([{ method: 'POST', url: '/r4/$process-message?async=true', headers: { authorization: 'Bearer first', 'x-attempt': '1', ...fhirJson } }]);
    expect(received).toBe(new TextDecoder().decode(message.bytes));
  });

  it('carries no authorization where the client has none, as on an open server', async () => {
    const server = await start(answer(204));
    const { client } = launched(server.url, { tokenResponse: {} });
    await send(smartTransport(client, { path: '' }));

    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/r4', undefined]]);
  });

  it('says and takes what its server asks for, as processMessageTransport does: content type, custody, the size of an answer', async () => {
    const contentType = 'application/fhir+json; fhirVersion=4.0';
    const custody = await start(answer(204));
    const tooLong = await start(answer(200, '{"resourceType":"Bundle"}', fhirJson));

    expect(await send(smartTransport(launched(custody.url).client, { contentType, accepts: { 204: 'accepted' } }))).toMatchObject({ status: 204, custody: true });
    expect(custody.requests).toMatchObject([{ headers: { 'content-type': contentType } }]);
    await expect(send(smartTransport(launched(tooLong.url).client, { maxBodyBytes: 10 }))).rejects.toMatchObject({ code: 'reply.invalid' });
  });

  it('takes frozen options, a frozen client and a frozen message, and changes nothing', async () => {
    const server = await start(answer(204));
    const { client, stored } = launched(server.url);
    const before = JSON.stringify([client.state, ...stored]);
    const options = Object.freeze({ headers: Object.freeze({ 'x-app': '1' }), allowTokenTo: Object.freeze([]) });
    Object.freeze(client.state);
    await send(smartTransport(Object.freeze(client), options), Object.freeze({ message: Object.freeze(message) }));

    expect(server.requests).toHaveLength(1);
    expect(JSON.stringify([client.state, ...stored])).toBe(before);
  });
});

describe('smartTransport: a base that no request can go to', () => {
  it.each([
    ['has userinfo', 'https://ward:key@ehr.example.org/r4'],
    ['has another scheme', 'ftp://ehr.example.org/r4'],
    ['is relative', '/r4'],
    ['is missing', ''],
  ])('is refused at once, with a TypeError: one that %s', (_, serverUrl) => {
    const { client } = launched('https://ehr.example.org/r4');
    const launchedThere: SmartClient = { state: { serverUrl }, getAuthorizationHeader: () => null, refreshIfNeeded: () => Promise.resolve() };
    const allowTokenTo = ['ftp://ehr.example.org'];

    expect(() => smartTransport(launchedThere, { allowTokenTo })).toThrow(TypeError);
    expect(() => smartTransport(client, { baseUrl: serverUrl, allowTokenTo })).toThrow(TypeError);
  });
});

describe('smartTransport: 401', () => {
  it('without a refresh token: session.expired, which says to sign in again; the session is as it was', async () => {
    const server = await start(answer(401, outcome, fhirJson));
    const { client, stored } = launched(server.url);
    const before = JSON.stringify([client.state, ...stored]);

    await expect(send(smartTransport(client))).rejects.toMatchObject({
      code: 'session.expired',
      message: expect.stringContaining('sign in again'),
      delivery: 'no',
      status: 401,
      issues: [{ severity: 'error', code: 'login', diagnostics: 'Who are you?' }],
    });
    expect(server.requests).toHaveLength(1);
    expect(JSON.stringify([client.state, ...stored])).toBe(before);
  });

  it('with one: renewed once, then the same bytes again', async () => {
    const bodies: string[] = [];
    const keeping = (step: Step): Step => async (incoming, outgoing) => {
      let body = '';
      for await (const chunk of incoming.setEncoding('utf8')) body += String(chunk);
      bodies.push(body);
      await step(incoming, outgoing);
    };
    const tokenEndpoint = await start(grant('second'));
    const server = await start(
      keeping((_, outgoing) => void outgoing.writeHead(401).end(outcome)),
      keeping((_, outgoing) => void outgoing.writeHead(202).end()),
    );
    const receipt = await send(smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client));

    expect(receipt.status).toBe(202);
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer second']);
    expect(tokenEndpoint.requests).toHaveLength(1);
    expect(new Set(bodies)).toEqual(new Set([new TextDecoder().decode(message.bytes)]));
  });

  it.each<[says: string, first: Step[], state: Partial<fhirclient.ClientState>, requests: number]>([
    ['runs out', [], { expiresAt: 1 }, 0],
    ['is rejected', [answer(401)], {}, 1],
  ])('who is signed in is looked at when it leaves (onLeaving): while a token that %s is renewed, nothing goes out for another one', async (_, first, state, requests) => {
    let signedIn = 'first';
    const tokenEndpoint = await start((incoming, outgoing) => {
      signedIn = 'other';
      return grant('second')(incoming, outgoing);
    });
    const server = await start(...first, answer(204));
    const stop = new AbortController();
    const onLeaving = (): void => {
      if (signedIn !== 'first') stop.abort(new Error('signed out'));
    };

    await expect(send(smartTransport(launched(server.url, renewable(tokenEndpoint.url, state)).client), { signal: stop.signal, onLeaving })).rejects.toThrow('signed out');
    expect(server.requests).toHaveLength(requests);
  });

  it('again after that: session.expired, and no third request', async () => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start(answer(401, outcome));

    await expect(send(smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client))).rejects.toMatchObject({ code: 'session.expired' });
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer second']);
    expect(tokenEndpoint.requests).toHaveLength(1);
  });

  it('where the refresh is refused: session.expired after one request, without what the token endpoint said', async () => {
    const tokenEndpoint = await start(answer(400, '{"error":"invalid_grant","refresh_token":"s3cret"}', { 'content-type': 'application/json' }));
    const server = await start(answer(401));
    const error = await send(smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client)).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'session.expired', issues: [] });
    expect(inspect(error, { depth: 9 })).not.toMatch(/s3cret|renew-1|first/);
    expect(server.requests).toHaveLength(1);
  });

  const notRefusing: [says: string, step: Step][] = [
    ['nobody answers', reset],
    ['it is not well', answer(503)],
    ['it is asked too often', answer(429)],
    ['its answer has no token', answer(200, '{}', { 'content-type': 'application/json' })],
    // fhirclient throws the same error for both.
    ['a network that wants a sign-in answers in its place', answer(200, '<html>', { 'content-type': 'text/html' })],
  ];

  it.each(notRefusing)('where the token endpoint does not refuse the refresh (%s): transport.failed, delivery no, and the session goes on', async (_, step) => {
    const tokenEndpoint = await start(step, grant('second'));
    const server = await start(answer(401, outcome), answer(204));
    const transport = smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client);

    await expect(send(transport)).rejects.toMatchObject({ code: 'transport.failed', status: 401, delivery: 'no' });
    expect((await send(transport)).status).toBe(204);
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer first']);
  });

  it.each([404, 410, 422])('where the token endpoint answers %i: session.expired, which somebody hears of; the refresh token stays', async (status) => {
    const tokenEndpoint = await start(answer(status, '{"error":"invalid_grant"}', { 'content-type': 'application/json' }), grant('second'));
    const server = await start(answer(401, outcome), answer(204));
    const transport = smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client);

    await expect(send(transport)).rejects.toMatchObject({ code: 'session.expired' });
    expect((await send(transport)).status).toBe(204);
  });

  it('where the token endpoint is well again: the messenger gets through by itself', async () => {
    const tokenEndpoint = await start(answer(503), answer(503), grant('second'));
    const server = await start(answer(401), answer(204));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 }));
    const messenger = createMessenger({ transport: smartTransport(client), retry: { initialDelayMs: 1 } });

    expect(await messenger.send(messageOf('consequence'))).toMatchObject({ kind: 'processed', attempts: 2 });
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('for several messages at once, of a token endpoint that is not well: transport.failed for all', async () => {
    const tokenEndpoint = await start(async (incoming, outgoing) => {
      // Until all wait for it.
      await expect.poll(() => refused).toBe(3);
      await answer(503)(incoming, outgoing);
    });
    let refused = 0;
    const server = await start(answer(401));
    const { client } = launched(server.url, renewable(tokenEndpoint.url));
    const fetchCounted: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      refused += 1;
      return response;
    };
    const codes = await Promise.all([1, 2, 3].map(() => send(smartTransport(client, { fetch: fetchCounted })).catch((error: unknown) => isMessagingError(error) && error.code)));

    expect(codes).toEqual(['transport.failed', 'transport.failed', 'transport.failed']);
    expect(tokenEndpoint.requests).toHaveLength(1);
  });

  it.each<[says: string, state: Partial<fhirclient.ClientState>, freeze: (client: object) => unknown]>([
    ['was given no scope to', { tokenResponse: { access_token: 'first', refresh_token: 'renew-1' } }, () => undefined],
    ['knows no token endpoint to', { tokenUri: '' }, () => undefined],
  ])('where the client %s: session.expired', async (_, state, freeze) => {
    const tokenEndpoint = await start(answer(503));
    const server = await start(answer(401));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, state));
    freeze(client);

    await expect(send(smartTransport(client))).rejects.toMatchObject({ code: 'session.expired' });
  });

  it.each<[says: string, freeze: (client: Client) => unknown]>([
    ['is frozen', (client) => Object.freeze(client)],
    ['has a frozen state', ({ state }) => Object.freeze(state)],
    ['has a frozen token response', ({ state }) => Object.freeze(state.tokenResponse)],
  ])('where the client %s: session.expired, and its refresh token is not used up behind its back', async (_, freeze) => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start(answer(401));
    const { client } = launched(server.url, renewable(tokenEndpoint.url));
    freeze(client);

    await expect(send(smartTransport(client))).rejects.toMatchObject({ code: 'session.expired' });
    // Time for a refresh that nobody waits for.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tokenEndpoint.requests).toEqual([]);
  });

  /** A client whose methods are its own, and which has its session in its `state` or, with `elsewhere`, beside it. */
  function ownMethods(serverUrl: string, used: unknown[], elsewhere?: { token: string }): SmartClient {
    const tokenResponse = Object.freeze({ access_token: 'first', refresh_token: 'renew-1' });
    const state: { serverUrl: string; tokenResponse: { access_token: string; refresh_token: string } } = { serverUrl, tokenResponse };
    if (!elsewhere) Object.freeze(state);
    return Object.freeze({
      state,
      getAuthorizationHeader: () => `Bearer ${elsewhere?.token ?? state.tokenResponse.access_token}`,
      refreshIfNeeded: () => Promise.resolve(),
      refresh: async () => {
        used.push(state.tokenResponse.refresh_token);
        if (elsewhere) elsewhere.token = 'second';
        else Reflect.set(state, 'tokenResponse', { ...tokenResponse, access_token: 'second' });
        await Promise.resolve();
      },
    });
  }

  it('where a client whose methods are its own is frozen with its token: session.expired, and its refresh token is not used', async () => {
    const server = await start(answer(401));
    const used: unknown[] = [];
    const transport = smartTransport(ownMethods(server.url, used));

    await expect(send(transport)).rejects.toMatchObject({ code: 'session.expired' });
    expect(used).toEqual([]);
  });

  it('where such a client keeps its token elsewhere: renewed', async () => {
    const server = await start(answer(401), answer(204));
    const used: unknown[] = [];
    const receipt = await send(smartTransport(ownMethods(server.url, used, { token: 'first' })));

    expect([receipt.status, used, tokens(server)]).toEqual([204, ['renew-1'], ['Bearer first', 'Bearer second']]);
  });

  it('for several messages at once: one refresh for all', async () => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start((incoming, outgoing) => {
      incoming.resume().on('end', () => outgoing.writeHead(incoming.headers.authorization === 'Bearer second' ? 204 : 401).end());
    });
    const transport = smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client);
    const receipts = await Promise.all(Array.from({ length: 5 }, () => send(transport)));

    expect(receipts.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect(tokenEndpoint.requests).toHaveLength(1);
    expect(server.requests).toHaveLength(10);
  });

  it('that comes after another message had the token renewed: no second refresh', async () => {
    let release = (): void => undefined;
    const tokenEndpoint = await start(grant('second'));
    const server = await start(
      answer(401),
      (incoming, outgoing) => {
        release = () => void outgoing.writeHead(401).end();
        incoming.resume();
      },
      (incoming, outgoing) => {
        incoming.resume().on('end', () => outgoing.writeHead(204).end());
        release();
      },
      answer(204),
    );
    const transport = smartTransport(launched(server.url, renewable(tokenEndpoint.url)).client);
    const receipts = await Promise.all([send(transport), send(transport)]);

    expect(receipts.map(({ status }) => status)).toEqual([204, 204]);
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second']);
    expect(tokenEndpoint.requests).toHaveLength(1);
  });

  it('from a partner, while the token endpoint hangs: what goes to the own server does not wait for the refresh', async () => {
    const [tokenEndpoint, partner, server] = [await start(silence), await start(answer(401)), await start(answer(204))];
    const { client } = launched(server.url, renewable(tokenEndpoint.url));
    const aborting = new AbortController();
    const toPartner = send(smartTransport(client, { baseUrl: partner.url, allowTokenTo: [new URL(partner.url).origin] }), { signal: aborting.signal }).catch((error: unknown) => error);
    await expect.poll(() => tokenEndpoint.requests.length).toBe(1);

    expect(await send(smartTransport(client), { signal: AbortSignal.timeout(2_000) })).toMatchObject({ status: 204 });
    expect(tokens(server)).toEqual(['Bearer first']);
    expect(tokenEndpoint.requests).toHaveLength(1);
    aborting.abort('gone');
    expect(await toPartner).toBe('gone');
  });

  it('is not tried again by the messenger: nobody but the user can sign in', async () => {
    const server = await start(answer(401));
    const messenger = createMessenger({ transport: smartTransport(launched(server.url).client) });
    const error = await messenger.send(messageOf('notification')).catch((thrown: unknown) => thrown);

    expect(isMessagingError(error) && [error.code, error.delivery, error.attempts]).toEqual(['session.expired', 'no', 1]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('smartTransport: a token that is about to expire', () => {
  it('is renewed before the message is sent', async () => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start(answer(204));
    await send(smartTransport(launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 })).client));

    expect(tokens(server)).toEqual(['Bearer second']);
  });

  it('and cannot be renewed, since the server named no scope: goes as it is, the server decides', async () => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start(answer(204));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1, tokenResponse: { access_token: 'first', refresh_token: 'renew-1' } }));
    await send(smartTransport(client));

    expect(tokens(server)).toEqual(['Bearer first']);
    expect(tokenEndpoint.requests).toEqual([]);
  });

  it.each<[says: string, step: Step]>([
    ['nobody answers', reset],
    ['it is not well', answer(503)],
    ['it is asked too often', answer(429)],
  ])('and the token endpoint does not say that its refresh token is worth nothing (%s): the session stays, and is renewed the next time', async (_, step) => {
    const tokenEndpoint = await start(step, grant('second'));
    const server = await start(answer(204));
    const { client, stored } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 }));
    await send(smartTransport(client));

    expect(client.state.tokenResponse?.refresh_token).toBe('renew-1');
    expect(stored.get('session-1')).toMatchObject({ tokenResponse: { access_token: 'first', refresh_token: 'renew-1' } });
    await send(smartTransport(client));
    expect(tokens(server)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('and a frozen client cannot renew it: goes as it is, the server decides', async () => {
    const tokenEndpoint = await start(reset);
    const server = await start(answer(204));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 }));
    Object.freeze(client.state.tokenResponse);
    await send(smartTransport(client));

    expect(tokens(server)).toEqual(['Bearer first']);
  });

  it('and its refresh token is refused: the client forgets that, as it does itself', async () => {
    const tokenEndpoint = await start(answer(400, '{"error":"invalid_grant"}', { 'content-type': 'application/json' }));
    const server = await start(answer(204));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 }));
    await send(smartTransport(client));

    expect(client.state.tokenResponse).toEqual({ access_token: 'first', scope: 'user/Messaging.write offline_access' });
  });

  it("an abort while it is renewed: the signal's own reason, no message sent, and the client keeps its refresh token", async () => {
    const aborting = new AbortController();
    const tokenEndpoint = await start((incoming, outgoing) => {
      aborting.abort('gone');
      void silence(incoming, outgoing);
    });
    const server = await start(answer(204));
    const { client } = launched(server.url, renewable(tokenEndpoint.url, { expiresAt: 1 }));

    await expect(send(smartTransport(client), { signal: aborting.signal })).rejects.toBe('gone');
    expect(server.requests).toEqual([]);
    expect(client.state.tokenResponse?.refresh_token).toBe('renew-1');
  });
});

describe("smartTransport: where the client's token may go", () => {
  const { client } = launched('https://ehr.example.org/r4');

  it.each([
    ['another host', 'https://referrals.example.org/r4'],
    ['another scheme', 'http://ehr.example.org/r4'],
    ['another port', 'https://ehr.example.org:8443/r4'],
    ['a host hidden behind userinfo', 'https://ehr.example.org@referrals.example.org/r4'],
    ['a host that begins with it', 'https://ehr.example.org.example.com/r4'],
  ])('not to %s: address.refused at once', (_, baseUrl) => {
    expect(() => smartTransport(client, { baseUrl })).toThrow(expect.objectContaining({ code: 'address.refused', delivery: 'no' }));
  });

  it.each<[says: string, allowTokenTo: never]>([
    ['is no URL', ['referrals.example.org'] as never],
    ['is text, as an app without types gives it', 'https://referrals.example.org' as never],
  ])('not to an origin whose name in allowTokenTo %s: address.refused, which names the option', (_, allowTokenTo) => {
    expect(() => smartTransport(client, { baseUrl: 'https://referrals.example.org/r4', allowTokenTo })).toThrow(
      expect.objectContaining({ code: 'address.refused', message: 'No token goes to https://referrals.example.org: allowTokenTo does not list it.' }),
    );
  });

  it('to another base on its own origin, and to an origin that is named', async () => {
    const server = await start(answer(204));
    const elsewhere = launched(server.url).client;
    await send(smartTransport(elsewhere, { baseUrl: server.url.replace('/r4', '/messages') }));
    await send(smartTransport(client, { baseUrl: server.url, allowTokenTo: [new URL(server.url).origin] }));

    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/messages/$process-message', 'Bearer first'],
      ['/r4/$process-message', 'Bearer first'],
    ]);
  });

  it('not along a redirect to another origin, named or not', async () => {
    const other = await start(answer(204));
    const server = await start(answer(307, '', { location: `${other.url}/$process-message` }));
    const receipt = await send(smartTransport(launched(server.url).client, { allowTokenTo: [other.url] }));

    expect(receipt.status).toBe(307);
    expect(other.requests).toEqual([]);
  });

  it('not into an error, where it is none that HTTP takes', async () => {
    const broken = launched('https://ehr.example.org/r4', { tokenResponse: { access_token: 's3cret\nx' } }).client;
    const error = await send(smartTransport(broken, { fetch: () => Promise.resolve(new Response()) })).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'no' });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });
});
