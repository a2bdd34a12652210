import type * as fhir4 from 'fhir/r4';
import type * as fhir5 from 'fhir/r5';
import { describe, expectTypeOf, it } from 'vitest';
import { addEntry } from './add-entry.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { diffGraphs } from './diff-graphs.ts';
import { graphOf } from './graph-of.ts';
import { historyOf } from './history.ts';
import { removeEntry } from './remove-entry.ts';
import { renameEntry } from './rename-entry.ts';
import { updateEntry } from './update-entry.ts';

declare const r4: fhir4.Bundle;
declare const r5: fhir5.Bundle;
declare const narrow: fhir4.Bundle<fhir4.Patient | fhir4.Task>;
declare const patient: fhir4.Patient;

const graph = graphOf(r4);

describe('updateEntry', () => {
  it('types the recipe by the name', () => {
    updateEntry(graph, 'ServiceRequest/1', (request) => {
      expectTypeOf(request).toEqualTypeOf<fhir4.ServiceRequest>();
      request.priority = 'urgent';
      request.note = undefined;
      request.performer?.push({ reference: 'Practitioner/1' });
    });
    updateEntry(graphOf(r5), 'ServiceRequest/1', (request) => {
      expectTypeOf(request).toEqualTypeOf<fhir5.ServiceRequest>();
    });
    updateEntry(graph, 'urn:uuid:1', (resource) => {
      expectTypeOf(resource).toEqualTypeOf<fhir4.FhirResource>();
      if (resource.resourceType === 'Patient') resource.active = true;
    });
  });

  it('takes a resource that the recipe returns', () => {
    updateEntry(graph, 'Patient/1', (before) => ({ ...before, active: true }));
    updateEntry(graph, 'Patient/1', () => patient);
    updateEntry(graph, 'Patient/1', () => undefined);
  });

  it('refuses what does not fit', () => {
    updateEntry(graph, 'ServiceRequest/1', (request) => {
      // @ts-expect-error no priority of FHIR
      request.priority = 'soon';
    });
    updateEntry(graph, 'ServiceRequest/1', (request) => {
      // @ts-expect-error a ServiceRequest has no birthDate
      request.birthDate = '2000-01-01';
    });
    updateEntry(graph, 'Patient/1', (before) => {
      // @ts-expect-error a resource keeps its type
      before.resourceType = 'Practitioner';
    });
    // @ts-expect-error a Patient is no ServiceRequest
    updateEntry(graph, 'ServiceRequest/1', () => patient);
    // @ts-expect-error a recipe may not be async
    updateEntry(graph, 'Patient/1', async () => patient);
    // @ts-expect-error a Bundle is no graph
    updateEntry(r4, 'Patient/1', () => undefined);
  });
});

describe('the other edits', () => {
  it('give a graph of the same type', () => {
    expectTypeOf(updateEntry(graph, 'Patient/1', () => undefined)).toEqualTypeOf<typeof graph>();
    expectTypeOf(addEntry(graph, patient)).toEqualTypeOf<typeof graph>();
    expectTypeOf(addEntry(graph, { fullUrl: 'urn:uuid:1', resource: patient })).toEqualTypeOf<typeof graph>();
    expectTypeOf(removeEntry(graph, 'Patient/1')).toEqualTypeOf<typeof graph>();
    expectTypeOf(renameEntry(graph, 'Patient/1', 'urn:uuid:1')).toEqualTypeOf<typeof graph>();
    expectTypeOf(historyOf(graph).push(graph).undo().present).toEqualTypeOf<typeof graph>();
    expectTypeOf(diffGraphs(graph, graph).added[0]!.resource).toEqualTypeOf<fhir4.FhirResource | undefined>();
    expectTypeOf(addEntry(graphOf(narrow), patient)).toEqualTypeOf<BundleGraph<fhir4.Patient | fhir4.Task>>();
  });

  it('refuse what does not fit', () => {
    // @ts-expect-error a resource that the graph's own union has not
    addEntry(graphOf(narrow), { resourceType: 'Practitioner' });
    // @ts-expect-error an entry has a fullUrl
    addEntry(graph, { resource: patient });
    // @ts-expect-error a graph of R5 takes no Encounter of R4
    addEntry(graphOf(r5), { resourceType: 'Encounter', status: 'arrived', class: {} });
    // @ts-expect-error a new name is needed
    renameEntry(graph, 'Patient/1');
  });
});
