import type { MedplumClientLike } from '@fhir-messaging/medplum';
import type { MedplumClient } from '@medplum/core';

/**
 * The client for messages, whose token is renewed also where it does not say when it ends.
 *
 * MedplumClient reads that in its own server's tokens. Of another server's it learns by a 401, and then renews them by itself for what it reads:
 * so it is made to read something.
 */
export function renewingClient(medplum: MedplumClient, patientId: string): MedplumClientLike {
  return {
    fhirUrl: (...path) => medplum.fhirUrl(...path),
    getAccessToken: () => medplum.getAccessToken(),
    wrappedFetch: (url, options) => medplum.wrappedFetch(url, options),
    async refreshIfExpired(gracePeriod) {
      await medplum.refreshIfExpired(gracePeriod);
      if (gracePeriod === Infinity) await medplum.readResource('Patient', patientId, { cache: 'reload' });
    },
  };
}
