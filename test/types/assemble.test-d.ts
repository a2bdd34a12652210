import { assemble, createMessage, defineEvent, fetchReader } from '@fhir-messaging/core';
import type { Assembled, EventContract, Reader, Slot } from '@fhir-messaging/core';
import type { MedplumClient } from '@medplum/core';
import type * as medplum from '@medplum/fhirtypes';
import type Client from 'fhirclient/lib/Client';
import type * as fhir4 from 'fhir/r4';
import { describe, expectTypeOf, it } from 'vitest';

const table = { coding: { system: 'https://example.org/events', code: 'refer' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '0..1', Coverage: '0..*' } } as const;
const event: EventContract<typeof table> = defineEvent(table);
const source = 'https://app.example.org';
declare const reader: Reader;

describe('assemble', () => {
  it('gives the resources of the contract, which createMessage takes', async () => {
    const { payload } = await assemble(event, 'ServiceRequest/1', reader);

    expectTypeOf(payload.ServiceRequest).toEqualTypeOf<fhir4.ServiceRequest>();
    expectTypeOf(payload.Patient).toEqualTypeOf<fhir4.Patient | undefined>();
    expectTypeOf(payload.Coverage).toEqualTypeOf<readonly fhir4.Coverage[]>();
    createMessage(event, payload, { source });
  });

  it("gives Medplum's types for an event over them", async () => {
    const { payload } = await assemble(event.for<medplum.Resource>(), 'ServiceRequest/1', reader);

    expectTypeOf(payload.ServiceRequest).toEqualTypeOf<medplum.ServiceRequest>();
    createMessage(event.for<medplum.Resource>(), payload, { source });
  });

  it('gives slots that name their fullUrl where other servers are read, too', async () => {
    const { payload } = await assemble(event, 'ServiceRequest/1', { ...reader, elsewhere: [reader] });

    expectTypeOf(payload.Patient).toEqualTypeOf<Slot<fhir4.Patient> | undefined>();
    createMessage(event, payload, { source });
    expectTypeOf<Assembled<string>['payload']>().toEqualTypeOf<string>();
  });
});

describe('Reader', () => {
  it('is fitted by fhirclient, by Medplum, and by fetch', () => {
    const fhirclient = (client: Client): Reader => ({
      baseUrl: client.state.serverUrl,
      read: (url, { signal }) => client.request({ url, ...(signal && { signal }) }),
      search: (url, { signal }) => client.request({ url, ...(signal && { signal }) }),
      batch: (bundle) => client.request({ url: client.state.serverUrl, method: 'POST', body: JSON.stringify(bundle) }),
    });
    const ofMedplum = (client: MedplumClient): Reader => ({
      baseUrl: client.fhirUrl().toString(),
      read: (reference, { signal }) => client.get(client.fhirUrl(reference), { ...(signal && { signal }) }),
      batch: (bundle) => client.executeBatch(bundle),
    });
    expectTypeOf(fhirclient).returns.toEqualTypeOf<Reader>();
    expectTypeOf(ofMedplum).returns.toEqualTypeOf<Reader>();
    expectTypeOf(fetchReader({ baseUrl: source })).toExtend<Reader>();
  });
});
