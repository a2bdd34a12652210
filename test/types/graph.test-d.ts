import type { createReference, MedplumClient } from '@medplum/core';
import type * as medplum from '@medplum/fhirtypes';
import type * as fhir4 from 'fhir/r4';
import { describe, expectTypeOf, it } from 'vitest';
import { addEntry, graphOf, parseGraph, updateEntry, type BundleGraph, type BundleLike, type Reference, type Resource } from '@fhir-messaging/core';

declare const bundle: medplum.Bundle;
declare const narrow: medplum.Bundle<medplum.Patient | medplum.Task>;
declare const client: MedplumClient;
declare const makeReference: typeof createReference;
declare const r4: fhir4.Bundle;
declare function takesR4Patient(patient: fhir4.Patient): void;

describe("a graph of Medplum's Bundle", () => {
  it('is one of the resources of Medplum', () => {
    expectTypeOf(graphOf(bundle)).toEqualTypeOf<BundleGraph<medplum.Resource>>();
    expectTypeOf(graphOf(bundle).get('ServiceRequest/1')).toEqualTypeOf<medplum.ServiceRequest | undefined>();
    expectTypeOf(graphOf(bundle).header).toEqualTypeOf<medplum.MessageHeader | undefined>();
    expectTypeOf(graphOf(bundle).all('Patient')).toEqualTypeOf<readonly medplum.Patient[]>();
    expectTypeOf(graphOf(bundle).get('https://ehr.example/Patient/1')).toEqualTypeOf<medplum.Resource | undefined>();
    expectTypeOf(graphOf(narrow).get('Task/1')).toEqualTypeOf<medplum.Task | undefined>();
    expectTypeOf(parseGraph<medplum.Resource>('{}').get('Patient/1')).toEqualTypeOf<medplum.Patient | undefined>();
  });

  it('meets the smallest types without a cast', () => {
    expectTypeOf<medplum.Bundle>().toExtend<BundleLike>();
    expectTypeOf<medplum.Resource>().toExtend<Resource>();
    expectTypeOf<medplum.Reference>().toExtend<Reference>();
  });

  it('hands out what the functions of Medplum take', () => {
    const order = graphOf(bundle).get('ServiceRequest/1');
    if (order) {
      expectTypeOf(makeReference(order)).toExtend<medplum.Reference<medplum.ServiceRequest>>();
      graphOf(bundle).resolve(makeReference(order));
      void client.updateResource(order);
    }
    graphOf(bundle).all('Patient').map(makeReference);
    void client.executeBatch(graphOf(bundle).bundle);
    expectTypeOf(graphOf(bundle).bundle).toExtend<medplum.Bundle>();
    expectTypeOf(graphOf(narrow).bundle).toExtend<medplum.Bundle<medplum.Patient | medplum.Task>>();
  });

  it('is edited in the types of Medplum', () => {
    const edited = updateEntry(graphOf(bundle), 'ServiceRequest/1', (order) => {
      expectTypeOf(order).toEqualTypeOf<medplum.ServiceRequest>();
      order.priority = 'urgent';
    });

    expectTypeOf(edited).toEqualTypeOf<BundleGraph<medplum.Resource>>();
    expectTypeOf(addEntry(edited, { resourceType: 'Patient', active: true })).toEqualTypeOf<BundleGraph<medplum.Resource>>();
    // @ts-expect-error no priority of FHIR
    updateEntry(graphOf(bundle), 'ServiceRequest/1', (order) => void (order.priority = 'soon'));
    // @ts-expect-error there is no such resource type
    graphOf(bundle).all('Nope');
  });
});

describe('a graph between the two type packages, which do not fit each other', () => {
  it("reads Medplum's Bundle in the types of @types/fhir, where it is told so", () => {
    const patient = graphOf<fhir4.FhirResource>(bundle).get('Patient/1');

    expectTypeOf(patient).toEqualTypeOf<fhir4.Patient | undefined>();
    if (patient) takesR4Patient(patient);
  });

  it('reads a fhir4.Bundle in the types of Medplum, where it is told so', () => {
    const patient = graphOf<medplum.Resource>(r4).get('Patient/1');

    expectTypeOf(patient).toEqualTypeOf<medplum.Patient | undefined>();
    if (patient) expectTypeOf(makeReference(patient)).toExtend<{ reference: string }>();
  });
});
