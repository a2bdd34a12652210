import { processMessageTransport } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { environments, traits } from './environments.ts';

describe('environments', () => {
  it.each([
    ['production', 'https://fhir.netsmartcloud.com/v4/$process-message', 'https://oauth.netsmartcloud.com'],
    ['preview', 'https://fhirtest.netsmartcloud.com/v4/$process-message', 'https://oauthtest.netsmartcloud.com'],
  ] as const)('lead in %s to %s', async (name, endpoint, authorizationServer) => {
    const asked: string[] = [];
    const transport = processMessageTransport({
      baseUrl: environments[name].baseUrl,
      fetch: (url) => {
        asked.push(String(url instanceof Request ? url.url : url));
        return Promise.resolve(new Response());
      },
    });

    await transport({ bytes: new Uint8Array(), message: Object({}), attempt: 1, signal: new AbortController().signal });

    expect(asked).toEqual([endpoint]);
    expect(environments[name].authorizationServer).toBe(authorizationServer);
  });
});

describe('traits', () => {
  it('say what the servers need and lack', () => {
    expect(traits).toEqual({
      contentType: 'application/fhir+json',
      async: false,
      requestIdHeader: 'X-Request-ID',
      omits: ['MessageHeader.id', 'MessageHeader.source', 'Bundle.timestamp'],
      idMayDifferFromFullUrl: true,
      refusals: [400, 401, 403, 404, 422],
    });
  });
});
