import { createMessage, observeDraft } from '@fhir-messaging/core';
import type { BundleGraph, DraftState } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, source } from '../exchange/loopback.ts';
import { lawSeed } from './seed.ts';

const runs = { seed: lawSeed, numRuns: 300 };

const event = admission();
const patientUrl = 'urn:uuid:7a0c1f4e-0000-4000-8000-000000000001';
const first = createMessage(event, { Patient: { fullUrl: patientUrl, resource: { resourceType: 'Patient', gender: 'unknown' } } }, { source });

type Graph = BundleGraph;

/** What a person does to a draft: types into a field, alone or in a group, goes back to a graph that was there before, undoes, redoes, begins anew. */
const edits = fc.array(
  fc.record({
    act: fc.constantFrom('edit', 'edit', 'edit', 'back', 'undo', 'redo', 'reset'),
    group: fc.constantFrom(undefined, 'name', 'date'),
    value: fc.constantFrom('male', 'female', 'other', 'a code that there is not', undefined),
    place: fc.nat({ max: 4 }),
  }),
  { maxLength: 16, size: 'max' },
);

/** The steps of a draft, as anybody would count them. */
function model() {
  let past: Graph[] = [];
  let future: Graph[] = [];
  let present: Graph = first.graph;
  let group: string | undefined;
  return {
    present: () => present,
    canUndo: () => past.length > 0,
    all: () => [...past, present],
    change(graph: Graph, of: string | undefined) {
      if (graph === present) return;
      const isMore = of !== undefined && of === group;
      if (!isMore) past.push(present);
      if (past.at(-1) === graph) {
        past.pop();
        group = undefined;
        if (isMore) future = [present];
        present = graph;
        return;
      }
      future = [];
      present = graph;
      group = of;
    },
    undo() {
      group = undefined;
      const before = past.pop();
      if (before) [future, present] = [[...future, present], before];
    },
    redo() {
      group = undefined;
      const next = future.pop();
      if (next) [past, present] = [[...past, present], next];
    },
    reset() {
      [past, future, present, group] = [[], [], first.graph, undefined];
    },
  };
}

describe('a draft, whatever is edited, undone and done again', () => {
  const always = (law: (state: DraftState<FhirResource>, expected: ReturnType<typeof model>, told: number, before: DraftState<FhirResource>) => void): void =>
    fc.assert(
      fc.property(edits, (steps) => {
        const draft = observeDraft(first);
        const expected = model();
        let told = 0;
        draft.subscribe(() => (told += 1));
        for (const { act, group, value, place } of steps) {
          const before = draft.getState();
          told = 0;
          if (act === 'edit') {
            draft.edit(patientUrl, (patient) => void Object.assign(patient, { gender: value }), { group });
            expected.change(draft.getState().graph, group);
          } else if (act === 'back') {
            const all = expected.all();
            const graph = all[place % all.length] ?? first.graph;
            // What is two steps back is another edit: only an undo takes steps away.
            if (graph !== all.at(-2) || group === undefined) continue;
            draft.change(() => graph, { group });
            expected.change(graph, group);
          } else {
            draft[act]();
            expected[act]();
          }
          law(draft.getState(), expected, told, before);
        }
      }),
      runs,
    );

  it('stands where its steps lead: what is undone and redone is the very same graph', () => {
    always((state, expected) => {
      expect(state.graph).toBe(expected.present());
      expect(state.canUndo).toBe(expected.canUndo());
    });
  });

  it('has the issues of the message that it would become', () => {
    always(({ graph, issues }) => {
      const become = (): readonly unknown[] => {
        try {
          return createMessage(event, graph, { source, destination: source }).issues;
        } catch (error) {
          return error instanceof Error && 'issues' in error && Array.isArray(error.issues) ? error.issues : [];
        }
      };
      const rules = (list: readonly unknown[]): string[] => list.map((issue) => JSON.stringify(issue));
      expect(rules(issues)).toEqual(rules(become()));
    });
  });

  it('tells each change once, and none where nothing changed; it is dirty only where something says another thing', () => {
    always((state, _, told, before) => {
      expect(told).toBe(state === before ? 0 : 1);
      const gender = ({ graph }: DraftState<FhirResource>): unknown => graph.get(patientUrl);
      expect(state.dirty).toBe(JSON.stringify(gender(state)) !== JSON.stringify(first.graph.get(patientUrl)));
    });
  });
});
