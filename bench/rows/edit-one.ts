import { isDeepStrictEqual } from 'node:util';
import { graphOf, updateEntry } from '@fhir-messaging/core';
import type { Bundle } from '@fhir-messaging/core';
import { produce } from 'immer';
import { contestant, countRight } from '../contest.ts';
import type { Contestant, Row } from '../contest.ts';
import type { Input } from '../inputs.ts';

/** One resource changed, and what an editor asks after each change. */
export const editOne: Row = {
  name: 'graph.edit-one',
  protocol:
    'On a warm graph (all links known, everything handed out) again and again: updateEntry of one ServiceRequest in the middle, linksFrom of it, resolve of its subject. Peers make the change and nothing else; immer as it comes, on its own frozen state.',
  bars: { 1000: 0.01, 10000: 0.001 },
  growth: 3,
  prepare: (input) => ({
    answers: input.bundle.entry?.length ?? 0,
    ours: ours(input),
    peers: { 'immer produce': withImmer(input), structuredClone: withClone(input) },
  }),
};

/** A contestant's state before and after its last edit, and the priority that the edit set. */
interface Edit {
  readonly before: Bundle;
  readonly after: Bundle;
  readonly priority: Priority;
}

type Priority = 'urgent' | 'routine';

type Held = NonNullable<Bundle['entry']>[number]['resource'];

const other = (priority: Priority): Priority => (priority === 'urgent' ? 'routine' : 'urgent');

function ours(input: Input): Contestant {
  const { key, at } = middleOf(input);
  const known = input.references.filter(({ from }) => from === key);
  const subject = known[0];
  let graph = graphOf(input.bundle);
  graph.unresolved();
  graph.linksTo(key);
  let before = graph.bundle;
  let priority: Priority = 'routine';
  return contestant(
    () => {
      priority = other(priority);
      graph = updateEntry(graph, key, (resource) => setPriority(resource, priority));
      return { links: graph.linksFrom(key), resolution: graph.resolve(subject?.reference ?? '', { from: key }) };
    },
    ({ links, resolution }) => {
      const sameLinks = links.length === known.length && links.every(({ target }, index) => target === known[index]?.target);
      const sameTarget = resolution.kind === 'entry' && resolution.key === subject?.target;
      const right = sameLinks && sameTarget ? countEntries({ before, after: graph.bundle, priority }, at) : 0;
      before = graph.bundle;
      return right;
    },
  );
}

function withImmer(input: Input): Contestant {
  const { at } = middleOf(input);
  const given: Bundle = JSON.parse(input.text);
  let edit: Edit = { before: given, after: produce(given, (draft) => setPriority(draft.entry?.[at]?.resource, 'routine')), priority: 'routine' };
  return contestant(
    () => {
      const priority = other(edit.priority);
      const after = produce(edit.after, (draft) => setPriority(draft.entry?.[at]?.resource, priority));
      edit = { before: edit.after, after, priority };
    },
    () => countEntries(edit, at),
  );
}

function withClone(input: Input): Contestant {
  const { at } = middleOf(input);
  let edit: Edit = { before: input.bundle, after: input.bundle, priority: 'routine' };
  return contestant(
    () => {
      const after = structuredClone(edit.after);
      const priority = other(edit.priority);
      setPriority(after.entry?.[at]?.resource, priority);
      edit = { before: edit.after, after, priority };
    },
    () => countEntries(edit, at),
  );
}

function setPriority(resource: Held, priority: Priority): void {
  if (resource?.resourceType === 'ServiceRequest') {
    resource.priority = priority;
  }
}

/** How many entries are as they have to be: the edited one changed, and not in the state before; all others equal. */
function countEntries({ before, after, priority }: Edit, edited: number): number {
  return countRight(after.entry ?? [], ({ fullUrl, resource }, at) => {
    const known = before.entry?.[at];
    if (at !== edited) {
      return fullUrl === known?.fullUrl && isDeepStrictEqual(resource, known?.resource);
    }
    const expected = { ...known?.resource, priority };
    return !isDeepStrictEqual(known?.resource, expected) && isDeepStrictEqual(resource, expected);
  });
}

/** The ServiceRequest in the middle of the message. */
function middleOf({ entries, bundle }: Input): { key: string; at: number } {
  const at = (bundle.entry ?? []).findIndex(({ resource }, position) => position >= entries / 2 && resource?.resourceType === 'ServiceRequest');
  return { key: bundle.entry?.[at]?.fullUrl ?? '', at };
}
