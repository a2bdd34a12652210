import type * as fhir4 from 'fhir/r4';
import type * as fhir5 from 'fhir/r5';
import { describe, expectTypeOf, it } from 'vitest';
import type { Bundle, BundleLike, Frozen, ResourceOf, ResourceOfType } from './bundle.ts';
import type { Coding, Identifier, Reference, Resource } from './resource.ts';

describe('the smallest types', () => {
  it('are met by both type packages', () => {
    expectTypeOf<fhir4.Bundle>().toExtend<BundleLike>();
    expectTypeOf<fhir5.Bundle>().toExtend<BundleLike>();
    expectTypeOf<fhir4.FhirResource>().toExtend<Resource>();
    expectTypeOf<fhir5.FhirResource>().toExtend<Resource>();
    expectTypeOf<fhir4.Reference>().toExtend<Reference>();
    expectTypeOf<fhir5.Reference>().toExtend<Reference>();
    expectTypeOf<fhir4.Identifier>().toExtend<Identifier>();
    expectTypeOf<fhir5.Coding>().toExtend<Coding>();
    expectTypeOf<Bundle>().toExtend<BundleLike>();
  });

  it('are not met by what is no Bundle', () => {
    expectTypeOf<fhir4.Patient>().not.toExtend<BundleLike>();
    expectTypeOf<{ resourceType: string }>().not.toExtend<BundleLike>();
  });
});

describe('ResourceOf', () => {
  it('is the union of a Bundle, or of its release', () => {
    expectTypeOf<ResourceOf<fhir4.Bundle>>().toEqualTypeOf<fhir4.FhirResource>();
    expectTypeOf<ResourceOf<fhir5.Bundle>>().toEqualTypeOf<fhir5.FhirResource>();
    expectTypeOf<ResourceOf<fhir4.Bundle<fhir4.Patient>>>().toEqualTypeOf<fhir4.Patient>();
    expectTypeOf<ResourceOf<Bundle<fhir5.Patient>>>().toEqualTypeOf<fhir5.Patient>();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what JSON.parse gives
    expectTypeOf<ResourceOf<any>>().toEqualTypeOf<fhir4.FhirResource>();
  });
});

describe('ResourceOfType', () => {
  it('is the member of that type', () => {
    expectTypeOf<ResourceOfType<fhir4.FhirResource, 'Patient'>>().toEqualTypeOf<fhir4.Patient>();
    expectTypeOf<ResourceOfType<fhir4.FhirResource, 'Nope'>>().toEqualTypeOf<never>();
  });
});

describe('Frozen', () => {
  it('marks every member readonly, at any depth', () => {
    const patient: Frozen<fhir4.Patient> = { resourceType: 'Patient', name: [{ given: ['a'] }] };

    // @ts-expect-error a member is readonly
    patient.active = true;
    // @ts-expect-error an array is readonly
    patient.name?.push({});
    // @ts-expect-error a member of a member is readonly
    patient.name![0]!.family = 'x';
    // @ts-expect-error an array in a member is readonly
    patient.name![0]!.given![0] = 'x';
    expectTypeOf<fhir4.Patient>().toExtend<Frozen<fhir4.Patient>>();
  });
});
