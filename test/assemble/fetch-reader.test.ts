import { fetchReader, toIssues } from '@fhir-messaging/core';
import type { FetchReaderOptions, Reader } from '@fhir-messaging/core';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, reset, silence, startServer } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';
import { failure } from './failure.ts';

const patient = '{"resourceType":"Patient","id":"1"}';
let server: Loopback | undefined;
afterEach(() => server?.stop());

async function readerOf(step: Step, options: Partial<FetchReaderOptions> = {}): Promise<Reader> {
  server = await startServer(step);
  return fetchReader({ baseUrl: `${server.url}/`, ...options });
}

describe('fetchReader', () => {
  it('reads, searches and posts batches to the base, with headers of its own (http.html)', async () => {
    const reader = await readerOf(answer(200, patient), { headers: () => Promise.resolve({ authorization: 'Bearer x' }) });

    expect(await reader.read('Patient/1/_history/2', {})).toEqual(JSON.parse(patient));
    await reader.search?.('Patient?_id=1,2', {});
    await reader.batch?.({ resourceType: 'Bundle', type: 'batch', entry: [] }, {});

    expect(server?.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /r4/Patient/1/_history/2', 'GET /r4/Patient?_id=1,2', 'POST /r4']);
    expect(server?.requests.map(({ headers }) => [headers.authorization, headers.accept])).toEqual(Array.from({ length: 3 }, () => ['Bearer x', 'application/fhir+json']));
    expect(server?.requests[2]?.headers['content-type']).toBe('application/fhir+json');
    expect(reader.baseUrl).toBe(server?.url);
  });

  it('says at once that a base is none of HTTP', () => {
    expect(() => fetchReader({ baseUrl: 'localhost:8080' })).toThrow(new TypeError('fetchReader: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.'));
  });

  it.each(['https://', 'https:///fhir', 'https:/fhir', 'http:fhir', 'https://?x'])('says so of %s, which names no host, with a fetch of its own too', (baseUrl) => {
    expect(() => fetchReader({ baseUrl, fetch })).toThrow(TypeError);
  });

  it.each([302, 307, 404, 500])('rejects with the status %i; a redirect is not followed (transport.status)', async (status) => {
    const reader = await readerOf(answer(status, patient, { location: '/elsewhere' }));

    expect(await failure(reader.read('Patient/1', {}))).toMatchObject({ code: 'transport.status', status });
    expect(server?.requests.length).toBe(1);
  });

  it.each([
    [401, 'session.expired'],
    [403, 'transport.status'],
  ])('rejects %i with the issues that the server gives (%s)', async (status, code) => {
    const issue = [{ severity: 'error', code: 'suppressed', diagnostics: 'Not for you.' }];
    const reader = await readerOf(answer(status, JSON.stringify({ resourceType: 'OperationOutcome', issue })));

    expect(await failure(reader.read('Patient/1', {}))).toMatchObject({ code, status, issues: issue });
  });

  it('says of a 401 without issues that somebody has to sign in', async () => {
    expect(toIssues(await failure((await readerOf(answer(401))).read('Patient/1', {})))).toMatchObject([{ code: 'login', rule: 'session.expired' }]);
  });

  it.each([
    ['no JSON', answer(200, '<html>MILLER</html>'), 'reply.invalid'],
    ['nothing', answer(200), 'reply.invalid'],
    ['more than the limit', answer(200, `"${'x'.repeat(2000)}"`), 'reply.invalid'],
    ['a connection that breaks', reset, 'transport.failed'],
  ])('rejects where it gets %s', async (_says, step, code) => {
    const error = await failure((await readerOf(step, { maxBodyBytes: 1000 })).read('Patient/1', {}));

    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.cause])).not.toContain('MILLER');
  });

  it.each([
    ['a header that is none', { 'x-token': 'se\ncret' }],
    ['no token', () => Promise.reject(new Error('secret'))],
  ])('rejects with nothing of the token where there is %s (transport.failed)', async (_says, headers) => {
    const error = await failure((await readerOf(answer(200, patient), { headers })).read('Patient/1', {}));

    expect([error.code, error.cause]).toEqual(['transport.failed', undefined]);
    expect(error.message).not.toMatch(/se\s*cret/);
    expect(server?.requests).toEqual([]);
  });

  it("rejects an abort with the signal's own reason", async () => {
    const controller = new AbortController();
    const reader = await readerOf((incoming, outgoing) => {
      controller.abort('enough');
      return silence(incoming, outgoing);
    });

    await expect(reader.read('Patient/1', { signal: controller.signal })).rejects.toBe('enough');
  });
});
