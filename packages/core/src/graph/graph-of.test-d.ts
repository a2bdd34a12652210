import type * as fhir4 from 'fhir/r4';
import type * as fhir4b from 'fhir/r4b';
import type * as fhir5 from 'fhir/r5';
import { describe, expectTypeOf, it } from 'vitest';
import type { Bundle } from '../fhir/bundle.ts';
import { addEntry } from './add-entry.ts';
import type { BundleGraph, GraphEntry, Resolution } from './bundle-graph.ts';
import { graphOf } from './graph-of.ts';
import { parseGraph } from './parse-graph.ts';

declare const r4: fhir4.Bundle;
declare const r4Narrow: fhir4.Bundle<fhir4.Patient | fhir4.ServiceRequest>;
declare const r4Whole: fhir4.Bundle<fhir4.FhirResource>;
declare const r4b: fhir4b.Bundle;
declare const r4bWhole: fhir4b.Bundle<fhir4b.FhirResource>;
declare const r5: fhir5.Bundle;
declare const r5Whole: fhir5.Bundle<fhir5.FhirResource>;
declare const parsed: ReturnType<typeof JSON.parse>;
declare const patient: fhir4.Patient;
declare const name: string;
declare const reference4: fhir4.Reference;
declare const reference5: fhir5.Reference;

declare function takesR4Patient(patient: fhir4.Patient): void;
declare function takesR5Patient(patient: fhir5.Patient): void;
declare function takesR4Bundle(bundle: fhir4.Bundle): void;
declare function takesR5Bundle(bundle: fhir5.Bundle): void;

describe('graph.get', () => {
  it('reads a bare fhir4.Bundle as R4', () => {
    expectTypeOf(graphOf(r4)).toEqualTypeOf<BundleGraph>();
    expectTypeOf(graphOf(r4).get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
  });

  it('keeps the union that a Bundle has', () => {
    expectTypeOf(graphOf(r4Narrow).get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    expectTypeOf(graphOf(r4Narrow).get('urn:uuid:1')).toEqualTypeOf<fhir4.Patient | fhir4.ServiceRequest | undefined>();
    expectTypeOf(graphOf(r4Whole).get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    expectTypeOf(graphOf(r4bWhole).get('ServiceRequest/1')).toEqualTypeOf<fhir4b.ServiceRequest | undefined>();
    expectTypeOf(graphOf(r5Whole).get('ServiceRequest/1')).toEqualTypeOf<fhir5.ServiceRequest | undefined>();
  });

  it('reads a bare fhir5.Bundle as R5', () => {
    expectTypeOf(graphOf(r5).get('ServiceRequest/1')).toEqualTypeOf<fhir5.ServiceRequest | undefined>();
  });

  it('reads a bare fhir4b.Bundle, which nothing tells from R4, as R4', () => {
    expectTypeOf(graphOf(r4b).get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    expectTypeOf(graphOf<fhir4b.FhirResource>(r4b).get('ServiceRequest/1')).toEqualTypeOf<fhir4b.ServiceRequest | undefined>();
  });

  it('reads what JSON.parse gives as R4, or as it is told', () => {
    expectTypeOf(graphOf(parsed).get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    expectTypeOf(graphOf<fhir5.FhirResource>(parsed).get('ServiceRequest/1')).toEqualTypeOf<fhir5.ServiceRequest | undefined>();
    expectTypeOf(parseGraph('{}').get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    expectTypeOf(parseGraph<fhir5.FhirResource>('{}').get('ServiceRequest/1')).toEqualTypeOf<fhir5.ServiceRequest | undefined>();
  });

  it('reads a literal, whose types are wide, as R4', () => {
    const graph = graphOf({ resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', active: true } }] });

    expectTypeOf(graph.get('Patient/1')).toEqualTypeOf<fhir4.Patient | undefined>();
  });

  it('reads a literal without resources as R4, as one without entries', () => {
    const graph = graphOf({ resourceType: 'Bundle', type: 'message' });

    expectTypeOf(graphOf({ resourceType: 'Bundle', type: 'message', entry: [] })).toEqualTypeOf(graph);
    expectTypeOf(graphOf({ resourceType: 'Bundle', type: 'message', entry: [] } as const)).toEqualTypeOf(graph);
    expectTypeOf(graphOf({ resourceType: 'Bundle', type: 'message', entry: [{ fullUrl: 'urn:uuid:1' }] })).toEqualTypeOf(graph);
    expectTypeOf(graph.get('ServiceRequest/1')).toEqualTypeOf<fhir4.ServiceRequest | undefined>();
    addEntry(graphOf({ resourceType: 'Bundle', entry: [] }), patient);
  });

  it('gives the union for a name that is no Type/id', () => {
    expectTypeOf(graphOf(r4).get('https://ehr.example/fhir/Patient/1')).toEqualTypeOf<fhir4.FhirResource | undefined>();
    expectTypeOf(graphOf(r4).get('urn:uuid:1')).toEqualTypeOf<fhir4.FhirResource | undefined>();
    expectTypeOf(graphOf(r4).get('Bundle.entry[0]')).toEqualTypeOf<fhir4.FhirResource | undefined>();
    expectTypeOf(graphOf(r4).get('Nope/1')).toEqualTypeOf<fhir4.FhirResource | undefined>();
    expectTypeOf(graphOf(r4).get(name)).toEqualTypeOf<fhir4.FhirResource | undefined>();
  });

  it('gives the type for a Type/id that is put together', () => {
    expectTypeOf(graphOf(r4).get(`Patient/${name}`)).toEqualTypeOf<fhir4.Patient | undefined>();
  });
});

describe('what a graph hands out', () => {
  it('is typed by its union', () => {
    const graph = graphOf(r4);

    expectTypeOf(graph.header).toEqualTypeOf<fhir4.MessageHeader | undefined>();
    expectTypeOf(graphOf(r5).header).toEqualTypeOf<fhir5.MessageHeader | undefined>();
    expectTypeOf(graph.all('Practitioner')).toEqualTypeOf<readonly fhir4.Practitioner[]>();
    expectTypeOf(graph.focus).toEqualTypeOf<readonly fhir4.FhirResource[]>();
    expectTypeOf(graph.entries).toEqualTypeOf<readonly GraphEntry[]>();
    expectTypeOf(graph.bundle).toEqualTypeOf<Bundle>();
  });

  it('fits functions that take the types of @types/fhir', () => {
    const found = graphOf(r4).get('Patient/1');
    if (found) takesR4Patient(found);
    graphOf(r4).all('Patient').forEach(takesR4Patient);
    const found5 = graphOf(r5).get('Patient/1');
    if (found5) takesR5Patient(found5);
    takesR4Bundle(graphOf(r4).bundle);
    takesR5Bundle(graphOf(r5).bundle);

    expectTypeOf(graphOf(r4).bundle).toExtend<fhir4.Bundle>();
    expectTypeOf(graphOf(r4Whole).bundle).toExtend<fhir4.Bundle<fhir4.FhirResource>>();
    expectTypeOf(graphOf(r4bWhole).bundle).toExtend<fhir4b.Bundle>();
    expectTypeOf(graphOf(r5Whole).bundle).toExtend<fhir5.Bundle<fhir5.FhirResource>>();
    expectTypeOf(graphOf(r5).bundle).toExtend<fhir5.Bundle>();
  });

  it('is a Bundle that a graph can be made of again, of the same type', () => {
    expectTypeOf(graphOf(graphOf(r4).bundle)).toEqualTypeOf<BundleGraph>();
    expectTypeOf(graphOf(graphOf(r5).bundle)).toEqualTypeOf<BundleGraph<fhir5.FhirResource>>();
    expectTypeOf(graphOf(graphOf(r4Narrow).bundle)).toEqualTypeOf<BundleGraph<fhir4.Patient | fhir4.ServiceRequest>>();
  });

  it('tells outcomes apart by their kind', () => {
    const outcome = graphOf(r4).resolve({ reference: 'Patient/1' }, { from: 'urn:uuid:1', mode: 'lenient' });

    expectTypeOf(outcome).toEqualTypeOf<Resolution>();
    if (outcome.kind === 'entry') expectTypeOf(outcome.resource).toEqualTypeOf<fhir4.FhirResource>();
    if (outcome.kind === 'external') expectTypeOf(outcome.url).toEqualTypeOf<string | undefined>();
    if (outcome.kind === 'ambiguous') expectTypeOf(outcome.keys).toEqualTypeOf<readonly string[]>();
  });

  it('takes a Reference of either type package', () => {
    expectTypeOf(graphOf(r4).resolve(reference4)).toEqualTypeOf<Resolution>();
    expectTypeOf(graphOf(r5).resolve(reference5)).toEqualTypeOf<Resolution<fhir5.FhirResource>>();
    expectTypeOf(graphOf(r4).resolve('Patient/1').kind).toEqualTypeOf<'entry' | 'contained' | 'external' | 'unresolved' | 'ambiguous'>();
  });
});

describe('what must not compile', () => {
  it('does not', () => {
    const graph = graphOf(r4);

    // @ts-expect-error a Patient is no Bundle
    graphOf(patient);
    // @ts-expect-error an array of resources is no Bundle
    graphOf([patient]);
    // @ts-expect-error text is read by parseGraph
    graphOf('{}');
    // @ts-expect-error there is no such resource type
    graph.all('Nope');
    // @ts-expect-error a type that the Bundle's own union has not
    graphOf(r4Narrow).all('Practitioner');
    // @ts-expect-error a graph is a value
    graph.size = 1;
    // @ts-expect-error a graph is a value
    graph.bundle = r4;
    // @ts-expect-error entries are readonly
    graph.entries.push({ key: 'x', fullUrl: 'x', resource: patient });
    // @ts-expect-error an entry is readonly
    graph.entries[0]!.key = 'x';
    // @ts-expect-error a list of resources is readonly
    graph.all('Patient').push(patient);
    // @ts-expect-error a link is readonly
    graph.linksFrom('x')[0]!.target = 'y';
    // @ts-expect-error a closure is readonly
    graph.closure().add('x');
    // @ts-expect-error there are two modes
    graph.resolve('Patient/1', { mode: 'loose' });
    // @ts-expect-error a reference is text or a Reference
    graph.resolve(5);
    // @ts-expect-error there is no such option
    graphOf(r4, { freeze: true });
  });
});
