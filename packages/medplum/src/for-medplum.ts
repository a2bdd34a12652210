import type { EventContract, EventTable } from '@fhir-messaging/core';
import type { Resource } from '@medplum/fhirtypes';

/**
 * The same contract over Medplum's resources: payloads, graphs and handlers take and give values of `@medplum/fhirtypes`.
 *
 * @example const { payload } = await assemble(forMedplum(submitServiceRequest), `ServiceRequest/${id}`, medplumReader(medplum));
 */
export function forMedplum<TTable extends EventTable>(event: Pick<EventContract<TTable>, 'for'>): EventContract<TTable, Resource> {
  return event.for<Resource>();
}
