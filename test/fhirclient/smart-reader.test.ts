import { smartReader } from '@fhir-messaging/fhirclient';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answer, reset, silence } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { grant, launched, renewable } from './smart-session.ts';
import { start } from '../exchange/started.ts';

const patient = { resourceType: 'Patient', id: '1' };
const fhirJson = { 'content-type': 'application/fhir+json' };
const ok = (resource: object): Step => answer(200, JSON.stringify(resource), fhirJson);

describe("smartReader over the real client's Node build", () => {
  it("reads and searches on the client's server, with its token", async () => {
    const server = await start(ok(patient));
    const { baseUrl, read, search } = smartReader(launched(`${server.url}/`).client);

    expect(baseUrl).toBe(server.url);
    expect(await read('Patient/1', {})).toEqual(patient);
    expect(await search?.('Patient?_id=1,2', {})).toEqual(patient);
    expect(server.requests).toMatchObject([
      { method: 'GET', url: '/r4/Patient/1', headers: { authorization: 'Bearer first', accept: 'application/fhir+json' } },
      { method: 'GET', url: '/r4/Patient?_id=1,2', headers: { authorization: 'Bearer first' } },
    ]);
  });

  it('takes its own base off an absolute reference', async () => {
    const server = await start(ok(patient));
    const { read, search } = smartReader(launched(server.url).client);
    await read(`${server.url}/Patient/1`, {});
    await search?.(`${server.url}/Patient?_id=1`, {});

    expect(server.requests.map(({ url }) => url)).toEqual(['/r4/Patient/1', '/r4/Patient?_id=1']);
  });

  it('posts a batch to the base', async () => {
    let received: unknown;
    const server = await start(async (incoming, outgoing) => {
      received = JSON.parse((await incoming.setEncoding('utf8').toArray()).join(''));
      outgoing.writeHead(200, fhirJson).end('{"resourceType":"Bundle"}');
    });
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient/1' } }] } as const;
    const { batch: post } = smartReader(launched(server.url).client);

    expect(await post?.({ ...batch, entry: [...batch.entry] }, {})).toEqual({ resourceType: 'Bundle' });
    expect(received).toEqual(batch);
    expect(server.requests).toMatchObject([{ method: 'POST', url: '/r4', headers: { authorization: 'Bearer first', ...fhirJson } }]);
  });

  it('never leaves its server: an absolute reference is read below its base, a redirect is not followed', async () => {
    const other = await start(ok(patient));
    const server = await start(answer(404), answer(302, '', { location: other.url }));
    const { read } = smartReader(launched(server.url).client);

    await expect(read(`${other.url}/Patient/1`, {})).rejects.toMatchObject({ code: 'transport.status', status: 404 });
    await expect(read('Patient/1', {})).rejects.toMatchObject({ code: 'transport.status', status: 302 });
    expect(other.requests).toEqual([]);
  });

  it.each([403, 404, 410, 500])("%s: transport.status, with the server's issues", async (status) => {
    const server = await start(answer(status, JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'deleted' }] })));

    await expect(smartReader(launched(server.url).client).read('Patient/1', {})).rejects.toMatchObject({ code: 'transport.status', status, issues: [{ severity: 'error', code: 'deleted' }] });
    expect(server.requests).toHaveLength(1);
  });

  it('a 401 has the token renewed once, and the read made again', async () => {
    const tokenEndpoint = await start(grant('second'));
    const server = await start(answer(401), ok(patient));

    expect(await smartReader(launched(server.url, renewable(tokenEndpoint.url)).client).read('Patient/1', {})).toEqual(patient);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('a 401 that stays: session.expired, and the session is as it was', async () => {
    const server = await start(answer(401));
    const { client, stored } = launched(server.url);
    const before = JSON.stringify([client.state, ...stored]);

    await expect(smartReader(client).read('Patient/1', {})).rejects.toMatchObject({ code: 'session.expired', status: 401 });
    expect(JSON.stringify([client.state, ...stored])).toBe(before);
  });

  it('a 401 where the token endpoint does not refuse the refresh: transport.failed, and the next read goes on', async () => {
    const tokenEndpoint = await start(answer(503), grant('second'));
    const server = await start(answer(401), answer(401), ok(patient));
    const { read } = smartReader(launched(server.url, renewable(tokenEndpoint.url)).client);

    await expect(read('Patient/1', {})).rejects.toMatchObject({ code: 'transport.failed', status: 401 });
    expect(await read('Patient/1', {})).toEqual(patient);
  });

  it('what is no HTTP: transport.failed, which quotes none of it', async () => {
    const server = await start((incoming) => void incoming.socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\nMILLER\r\n'));
    const error: unknown = await smartReader(launched(server.url).client).read('Patient/1', {}).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'transport.failed' });
    expect(inspect(error, { depth: 9 })).not.toContain('MILLER');
  });

  it('what is no JSON: reply.invalid, which quotes none of it', async () => {
    const server = await start(answer(200, 'Miller, John'));
    const error = await smartReader(launched(server.url).client).read('Patient/1', {}).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'reply.invalid' });
    expect(inspect(error, { depth: 9 })).not.toContain('Miller');
  });

  it('a reset: transport.failed', async () => {
    const server = await start(reset);

    await expect(smartReader(launched(server.url).client).read('Patient/1', {})).rejects.toMatchObject({ code: 'transport.failed' });
  });

  it("an abort: the signal's own reason", async () => {
    const aborting = new AbortController();
    const server = await start((incoming, outgoing) => {
      aborting.abort('gone');
      void silence(incoming, outgoing);
    });

    await expect(smartReader(launched(server.url).client).read('Patient/1', { signal: aborting.signal })).rejects.toBe('gone');
  });
});
