import type { Reader, Transport } from '@fhir-messaging/core';
import type FHIR from 'fhirclient';
import type Client from 'fhirclient/lib/Client.js';
import { describe, expectTypeOf, it } from 'vitest';
import { grantedScopes, smartReader, smartTransport } from './index.ts';
import type { SmartClient } from './index.ts';

declare const client: Client;

describe('SmartClient', () => {
  it('is fitted by the real client, as the Node and the browser build give it', () => {
    expectTypeOf<Client>().not.toBeAny();
    expectTypeOf<Client>().toExtend<SmartClient>();
    expectTypeOf<Awaited<ReturnType<typeof FHIR.oauth2.ready>>>().toExtend<SmartClient>();
    expectTypeOf<ReturnType<typeof FHIR.client>>().toExtend<SmartClient>();
    expectTypeOf<ReturnType<ReturnType<typeof FHIR>['client']>>().toExtend<SmartClient>();
  });

  it('is fitted by the least that is announced of version 3', () => {
    expectTypeOf<{ state: { serverUrl: string; tokenResponse?: { scope?: string } }; getAuthorizationHeader(): string | null; refreshIfNeeded(): Promise<object> }>().toExtend<SmartClient>();
  });

  it('is not fitted by what has no authorization', () => {
    expectTypeOf<{ state: { serverUrl: string } }>().not.toExtend<SmartClient>();
  });

  it('is taken without a cast, and gives the ports of core', () => {
    expectTypeOf(smartTransport).toBeCallableWith(client);
    expectTypeOf(smartTransport).returns.toEqualTypeOf<Transport>();
    expectTypeOf(smartReader).toBeCallableWith(client);
    expectTypeOf(smartReader).returns.toEqualTypeOf<Required<Reader>>();
    expectTypeOf(grantedScopes).toBeCallableWith(client);
  });
});
