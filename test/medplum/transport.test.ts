import { createReply, isMessagingError } from '@fhir-messaging/core';
import type { Receipt } from '@fhir-messaging/core';
import { medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumTransportOptions } from '@fhir-messaging/medplum';
import { MedplumClient } from '@medplum/core';
import type { MedplumClientOptions } from '@medplum/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, messageOf, messengerTo, reset, source, startServer } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';

let server: Loopback;
afterEach(() => server.stop());

const message = messageOf();
const reply = JSON.stringify(createReply(message, { source: 'https://manager.example.org' }).bundle);
const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","details":{"text":"no such thing"}}]}';
const json = { 'content-type': 'application/fhir+json' };

/** A real client of a server that follows these steps. */
async function clientOf(steps: readonly Step[], options: MedplumClientOptions = {}): Promise<MedplumClient> {
  server = await startServer(...steps);
  const medplum = new MedplumClient({ baseUrl: new URL('/', server.url).href, ...options });
  medplum.setAccessToken('t');
  return medplum;
}

/** One attempt through the real client. */
async function attempt(step: Step, options?: MedplumTransportOptions): Promise<Receipt> {
  const transport = medplumTransport(await clientOf([step]), options);
  return await transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal });
}

const told = ({ status, headers, body }: Receipt): unknown => ({ status, requestId: headers?.get('x-request-id'), body: body && new TextDecoder().decode(body) });

describe('an attempt through @medplum/core 5 is one request, and its answer comes back as it came', () => {
  it.each([
    ['200 with a reply', 200, reply, json],
    ['202, empty', 202, '', {}],
    ['202, JSON by its header, without a body', 202, '', json],
    ['204', 204, '', {}],
    ['400 with a message', 400, reply, json],
    ['422 with an OperationOutcome', 422, outcome, json],
    ['429 with Retry-After', 429, outcome, { ...json, 'retry-after': '7' }],
    ['502 with an HTML page', 502, '<html>bad gateway</html>', { 'content-type': 'text/html' }],
    ['503, empty', 503, '', { 'retry-after': '3' }],
  ])('%s', async (_, status, body, headers) => {
    const receipt = await attempt(answer(status, body, { ...headers, 'x-request-id': 'r-1' }));

    expect(told(receipt)).toEqual({ status, requestId: 'r-1', body: body === '' ? undefined : body });
    expect(receipt.headers?.get('retry-after') ?? undefined).toBe('retry-after' in headers ? headers['retry-after'] : undefined);
    expect(server.requests).toHaveLength(1);
  });

  it('401: session.expired, delivery no, with what the server says', async () => {
    await expect(attempt(answer(401, outcome, json))).rejects.toMatchObject({ code: 'session.expired', status: 401, delivery: 'no', issues: [{ diagnostics: 'no such thing' }] });
    expect(server.requests).toHaveLength(1);
  });

  it('a reset connection: transport.failed, delivery unknown', async () => {
    const error: unknown = await attempt(reset).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it('nobody listening: transport.failed, delivery no', async () => {
    const medplum = await clientOf([]);
    await server.stop();
    const transport = medplumTransport(medplum);
    const error: unknown = await transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal }).catch((thrown: unknown) => thrown);
    server = await startServer();

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'no' });
  });

  it("an abort: the signal's own reason", async () => {
    const transport = medplumTransport(await clientOf([() => aborting.abort(reason)]));
    const aborting = new AbortController();
    const reason = new Error('enough');

    await expect(transport({ bytes: message.bytes, message, attempt: 1, signal: aborting.signal })).rejects.toBe(reason);
  });
});

describe('the request', () => {
  it("has the message's bytes, the client's authorization, and each header once", async () => {
    let received = '';
    await attempt((incoming, outgoing) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => (received += chunk)).on('end', () => outgoing.end(reply));
    });

    expect(received).toBe(new TextDecoder().decode(message.bytes));
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/fhir/R4/$process-message',
      headers: { authorization: 'Bearer t', 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
    });
  });

  it('goes to another path, with headers of the app', async () => {
    await attempt(answer(200, reply), { path: 'Bot/b1/$execute', headers: { 'x-request-id': 'r-2' } });

    expect(server.requests[0]).toMatchObject({ url: '/fhir/R4/Bot/b1/$execute', headers: { 'x-request-id': 'r-2', authorization: 'Bearer t' } });
  });

  it('asks for an asynchronous exchange in the URL', async () => {
    const { messenger } = messengerTo('', { transport: medplumTransport(await clientOf([answer(202)])), source });
    await messenger.send(message, { async: true });

    expect(server.requests[0]?.url).toBe('/fhir/R4/$process-message?async=true');
  });

  it("takes no redirect to another origin, and no token there", async () => {
    const elsewhere = await startServer(answer(200, reply));
    try {
      const receipt = await attempt(answer(307, '', { location: `${elsewhere.url}/$process-message` }));

      expect(receipt.status).toBe(307);
      expect(elsewhere.requests).toEqual([]);

      await server.stop();
      await attempt(answer(307, '', { location: `${elsewhere.url}/$process-message` }), { redirectOrigins: [new URL(elsewhere.url).origin] });
      expect(elsewhere.requests[0]?.headers['authorization']).toBeUndefined();
    } finally {
      await elsewhere.stop();
    }
  });

  it('leaves frozen options as they are, and no token in the log of a verbose client', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const medplum = await clientOf([answer(200, reply)], { logLevel: 'verbose' });
      const transport = medplumTransport(medplum, Object.freeze({ headers: Object.freeze({ 'x-request-id': 'r-3' }) }));
      await transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal });

      expect(server.requests[0]?.headers['x-request-id']).toBe('r-3');
      expect(log).toHaveBeenCalled();
      expect(JSON.stringify(log.mock.calls)).not.toContain('Bearer');
    } finally {
      log.mockRestore();
    }
  });
});

describe('the messenger through the client', () => {
  it('owns the retry: 503 with Retry-After is waited for, and each attempt is one request', async () => {
    const medplum = await clientOf([answer(503, '', { 'retry-after': '7' }), answer(503), answer(200, reply, json)]);
    const { messenger, waits } = messengerTo('', { transport: medplumTransport(medplum), source });

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok', attempts: 3 });
    expect(waits[0]).toBeGreaterThanOrEqual(7000);
    expect(server.requests).toHaveLength(3);
  });

  it('does not post a consequence again after a reset, of which nobody knows whether it arrived', async () => {
    const { messenger } = messengerTo('', { transport: medplumTransport(await clientOf([reset])), source });
    const error: unknown = await messenger.send(message).catch((thrown: unknown) => thrown);

    expect(isMessagingError(error) && error.delivery).toBe('unknown');
    expect(server.requests).toHaveLength(1);
  });
});

it('refuses at once the options that processMessageTransport refuses', async () => {
  const medplum = await clientOf([]);
  const options = { redirectOrigins: ['nonsense'] };

  expect(() => medplumTransport(medplum, options)).toThrow(new TypeError('redirectOrigins: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.'));
});
