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

  it('takes a copy with another code, without a type or a const', () => {
    updateEntry(graph, 'ServiceRequest/1', (before) => ({ ...before, priority: 'urgent' }));
    updateEntry(graph, 'ServiceRequest/1', (before) => ({ ...before, status: 'active', priority: 'urgent', note: [{ text: 'x' }] }));
    updateEntry(graph, 'Patient/1', (before) => ({ ...before, gender: 'male' }));
    updateEntry(graph, 'Patient/1', (before) => ({ ...before, name: [{ use: 'official', given: ['A'] }] }));
    updateEntry(graph, 'Patient/1', () => ({ resourceType: 'Patient', contact: [{ gender: 'male', name: { use: 'old' } }] }));
    updateEntry(graphOf(r5), 'ServiceRequest/1', (before) => ({ ...before, priority: 'urgent' }));
    updateEntry(graph, 'urn:uuid:1', (before) => (before.resourceType === 'Patient' ? { ...before, gender: 'male' } : before));
    updateEntry(graph, 'Patient/1', (before) => {
      if (before.active === true) return { ...before, gender: 'male' };
      before.active = true;
      return undefined;
    });
    updateEntry(graph, 'Patient/1', (before) => {
      if (before.active !== true) {
        before.active = true;
        return;
      }
      return { ...before, gender: 'male' };
    });
    updateEntry(graph, 'Patient/1', (before) => (before.active === true ? { ...before, gender: 'male' } : undefined));
    updateEntry(graph, 'Patient/1', (before) => void (before.active = true));
    updateEntry(graph, 'Patient/1', (before) => {
      before.active = true;
      return undefined;
    });
    const changes: ((before: fhir4.Patient) => fhir4.Patient | undefined)[] = [];
    for (const change of changes) updateEntry(graph, 'Patient/1', change);
  });

  it('refuses what does not fit', () => {
    // @ts-expect-error no priority of FHIR
    updateEntry(graph, 'ServiceRequest/1', (before) => ({ ...before, priority: 'soon' }));
    // @ts-expect-error no gender of FHIR, on one path only
    updateEntry(graph, 'Patient/1', (before) => {
      if (before.active === true) return { ...before, gender: 'm' };
      return undefined;
    });
    // @ts-expect-error text is no resource
    updateEntry(graph, 'Patient/1', () => 'Patient');
    // @ts-expect-error a number is no resource
    updateEntry(graph, 'Patient/1', (before) => (before.active = 5));
    // @ts-expect-error an object without a type is no resource
    updateEntry(graph, 'Patient/1', () => ({ active: true }));
    // @ts-expect-error a recipe may not be async, whatever it gives
    updateEntry(graph, 'Patient/1', async (before) => {
      before.active = true;
    });
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
