import { createReply } from '@fhir-messaging/core';
import { medplumReader, medplumTransport } from '@fhir-messaging/medplum';
import { ContentType, Hl7Message, MedplumClient } from '@medplum/core';
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import fetchOfBots from 'node-fetch';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answer, messageOf, messengerTo, source, startServer } from '../exchange/loopback.ts';
import type { Loopback } from '../exchange/loopback.ts';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const message = messageOf();
const reply = JSON.stringify(createReply(message, { source: 'https://manager.example.org' }).bundle);

describe('a client whose fetch is node-fetch, as in bots', () => {
  it.each([
    [200, reply],
    [204, ''],
    [422, '{"resourceType":"OperationOutcome","issue":[]}'],
  ])('loses nothing of a %s', async (status, body) => {
    server = await startServer(answer(status, body, { 'x-request-id': 'r-1' }));
    const transport = medplumTransport(new MedplumClient({ baseUrl: new URL('/', server.url).href, fetch: fetchOfBots }));
    const receipt = await transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal });

    expect(receipt.status).toBe(status);
    expect(receipt.headers?.get('x-request-id')).toBe('r-1');
    expect(new TextDecoder().decode(receipt.body)).toBe(body);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a client without wrappedFetch', () => {
  it('is sent and read through with the token that it has, and a fresh one before', async () => {
    server = await startServer(answer(200, reply, { 'content-type': 'application/fhir+json' }));
    const { url, requests } = server;
    let token = 'old';
    const older = {
      fhirUrl: (...path: string[]) => new URL(path.join('/'), `${url}/`),
      getAccessToken: () => token,
      refreshIfExpired: () => Promise.resolve(void (token = 'new')),
    };

    expect(await messengerTo('', { transport: medplumTransport(older), source }).messenger.send(message)).toMatchObject({ kind: 'ok' });
    expect(await medplumReader(older).read('Patient/1', {})).toMatchObject({ resourceType: 'Bundle' });
    expect(requests.map(({ method, url: path, headers }) => [method, path, headers.authorization])).toEqual([
      ['POST', '/r4/$process-message', 'Bearer new'],
      ['GET', '/r4/Patient/1', 'Bearer new'],
    ]);
  });
});

/** What Medplum's server puts into the VM context of a bot (server/src/bots/vmcontext.ts); all else of the platform is missing there. */
const sandboxOf = (event: object) => ({ require: createRequire(import.meta.url), ContentType, Hl7Message, MedplumClient, fetch: fetchOfBots, TextEncoder, URL, URLSearchParams, event });

describe("Medplum's VM context", () => {
  const input = JSON.parse(new TextDecoder().decode(message.bytes)) as object;
  const event = { input, secrets: {}, contentType: 'application/fhir+json', headers: {} };
  let code: string;

  /** The bot, bundled as for deployment. */
  beforeAll(async () => {
    const contents = `
      import { defineEvent } from '@fhir-messaging/core';
      import { medplumBot } from '@fhir-messaging/medplum';
      import { createReceiver } from '@fhir-messaging/receiver';
      const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
      const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, ({ payload }) => ({ focus: [payload.Patient] }));
      export const handler = medplumBot(receiver);`;
    const stdin = { contents, resolveDir: import.meta.dirname };
    const built = await build({ stdin, bundle: true, write: false, format: 'cjs', platform: 'neutral', mainFields: ['module', 'main'], conditions: ['@fhir-messaging/source'] });
    code = built.outputFiles[0]?.text ?? '';
  });

  const bannerFor = (names: readonly string[]): string => `for (const [name, value] of Object.entries(require('node:vm').runInThisContext('({ ${names.join(', ')} })'))) globalThis[name] ??= value;`;

  /** Runs it as the server does. */
  const run = async (banner: string, sandbox: object = sandboxOf(event)): Promise<unknown> => {
    const wrapped = `const exports = {}; const module = { exports };\n${banner}\n${code}\n(async () => await module.exports.handler({}, event))();`;
    return await vm.runInNewContext(wrapped, sandbox);
  };

  it('lacks what the SDK needs, and says what: platform.unsupported', async () => {
    await expect(run(bannerFor(['AbortController', 'Headers']))).rejects.toMatchObject({
      code: 'platform.unsupported',
      message: 'This runtime has no Request, Response, TextDecoder, crypto, setTimeout, clearTimeout: hand these in.',
    });
  });

  it('without the fetch that the server puts there, says so too: a client without wrappedFetch needs it', async () => {
    const { fetch, ...others } = sandboxOf(event);

    await expect(run(bannerFor(['AbortController', 'Headers']), others)).rejects.toThrow('This runtime has no Request, Response, TextDecoder, crypto, fetch, setTimeout, clearTimeout: hand these in.');
  });

  it("runs a bot once the server's globals are handed in, by the line that the README has", async () => {
    const readme = await readFile(new URL('../../packages/medplum/README.md', import.meta.url), 'utf8');
    const banner = /^for \(const .*require\('node:vm'\).*$/m.exec(readme)?.[0];

    expect(banner).toBe(bannerFor(['AbortController', 'Headers', 'Request', 'Response', 'TextDecoder', 'crypto', 'fetch', 'setTimeout', 'clearTimeout']));
    expect(await run(banner ?? '')).toMatchObject({ resourceType: 'Bundle', entry: [{ resource: { response: { code: 'ok' } } }, {}] });
  });

  it('is one file with that line for Lambda too: where the globals are there already, they stay as they are', async () => {
    const { crypto, fetch } = globalThis;
    const banner = bannerFor(['AbortController', 'Headers', 'Request', 'Response', 'TextDecoder', 'crypto', 'fetch', 'setTimeout', 'clearTimeout']);
    const module: { exports: { handler?: (medplum: unknown, event: unknown) => Promise<unknown> } } = { exports: {} };
    // As Node loads CommonJS.
    vm.runInThisContext(`(function (module, exports, require) { ${banner}\n${code}\n})`)(module, module.exports, createRequire(import.meta.url));

    expect(await module.exports.handler?.({}, event)).toMatchObject({ resourceType: 'Bundle', entry: [{ resource: { response: { code: 'ok' } } }, {}] });
    expect([globalThis.crypto, globalThis.fetch]).toEqual([crypto, fetch]);
  });
});
