import { isMessagingError, toIssues } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { diffGraphs } from '../graph/diff-graphs.ts';
import type { GraphDifference } from '../graph/diff-graphs.ts';
import { historyOf } from '../graph/history.ts';
import { updateEntry } from '../graph/update-entry.ts';
import type { ResourceRecipe } from '../graph/update-entry.ts';
import type { Adoption } from '../message/adopt-reply.ts';
import { checkMessage } from '../message/check-message.ts';
import { createMessage } from '../message/create-message.ts';
import type { Message } from '../message/message.ts';
import { holderOf } from './observed.ts';
import type { Observed } from './observed.ts';
import { rebased } from './rebased.ts';

/** A draft as it stands. Its `changes` and `issues` are worked out when they are first read, once for each state. */
export interface DraftState<TResource extends Resource> {
  readonly graph: BundleGraph<TResource>;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The changes since the draft began, was reset or was rebased. */
  readonly changes: GraphDifference<TResource>;
  /** Whether there are changes. */
  readonly dirty: boolean;
  /**
   * The findings that a message of it would have, of every severity; `isError` tells which refuse it. Of an event's draft their positions are those in
   * that message, whose first entry is its header, even where the draft has none: `issueTarget` says which entry of the draft that is.
   */
  readonly issues: readonly Issue[];
}

/** What a draft is checked against. */
export interface DraftOptions {
  /** The contract of the message to be. @defaultValue that of the message it begins with */
  readonly event?: AnyEvent | undefined;
  /** Further elements of the header to be, as for `createMessage`; their references count. */
  readonly header?: object | undefined;
  /** @defaultValue that of the message it begins with, or what it looks like */
  readonly release?: Release | undefined;
}

/** How an edit is remembered. */
export interface EditOptions {
  /** Edits of one group, right after one another, are one step to undo: the typing in one field. */
  readonly group?: string | undefined;
}

/** A message that is being edited, as a state to show. Its actions need no `this`. */
export interface Draft<TResource extends Resource> extends Observed<DraftState<TResource>> {
  /**
   * Edits one entry, as `updateEntry` does.
   *
   * @throws {MessagingError} `entry.unknown`, `entry.invalid`, `input.limit`.
   * @throws {TypeError} as `updateEntry`.
   */
  readonly edit: <const TName extends string>(
    name: TName,
    recipe: ResourceRecipe<TResource, TName>,
    options?: EditOptions,
  ) => void;
  /** Makes any other edit: `change((graph) => addEntry(graph, coverage))`. */
  readonly change: (edit: (graph: BundleGraph<TResource>) => BundleGraph<TResource>, options?: EditOptions) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** Begins anew, with another graph or the one that it began with, or was rebased on last; nothing is left to undo. */
  readonly reset: (graph?: BundleGraph<TResource>) => void;
  /**
   * Goes on from what was sent, such as an update's `getAdopted()`: the changes count from there, later edits stay, under the ids that the server
   * assigned, and nothing is left to undo. What was sent from elsewhere, as by another form or before a reload, is taken over, and the edits made here
   * stay: entries that were added or removed, and the elements of a resource that were changed (a resource as a whole, where what it contains differs);
   * what is sent of a draft is to be its own graph. It does nothing where the draft goes on from that already, or began with it; nor where what was sent
   * has another focus, its ids cannot be told or taken over for certain, or an entry of the draft has no `fullUrl` of its own. What a draft begins with
   * is no edit: content that was kept from before, such as a person's unsent changes, is brought in by `change`.
   */
  readonly rebase: (sent: Adoption<TResource>) => void;
}

/**
 * Drafts a message: immutable edits with undo and redo, the issues that it would have, and what changed.
 *
 * @example
 * const draft = observeDraft(messenger.create(submitServiceRequest, payload, { base }));
 * draft.edit('ServiceRequest/123456', (order) => { order.priority = 'urgent'; });
 * draft.getState().issues;
 */
export function observeDraft<TResource extends Resource>(
  initial: BundleGraph<TResource> | Message<AnyEvent | undefined, TResource>,
  options: DraftOptions = {},
): Draft<TResource> {
  const { graph, event, release } = 'graph' in initial ? initial : { graph: initial };
  const check = { header: options.header, event: options.event ?? event, release: options.release ?? release };
  let first = graph;
  let base = first;
  let history = historyOf(first);
  let lastGroup: string | undefined;
  let lastSent: object = graph;
  /** The graphs that it was since it began, was reset or was rebased: what was made of one was sent of it. */
  let shown = new WeakSet<object>([graph]);
  const { getState, setState, subscribe } = holderOf(draftState(history, base, check));

  const show = (next: typeof history, group?: string): void => {
    lastGroup = group;
    if (next === history) return;
    history = next;
    shown.add(history.present);
    setState(draftState(history, base, check));
  };
  const change: Draft<TResource>['change'] = (edit, { group } = {}) => {
    const graph = edit(history.present);
    const before = group !== undefined && group === lastGroup ? history.undo() : history;
    // A group that leads back to the graph before it leaves no step that the next edit could replace.
    if (graph !== history.present) show(before.push(graph), graph === before.present ? undefined : group);
  };
  return {
    getState,
    subscribe,
    change,
    edit: (name, recipe, edited) => change((graph) => updateEntry(graph, name, recipe), edited),
    undo: () => show(history.undo()),
    redo: () => show(history.redo()),
    reset(graph = first) {
      base = graph;
      shown = new WeakSet();
      show(historyOf(graph));
    },
    rebase(sent) {
      if (sent.graph === lastSent) return;
      const next = rebased({ base, graph: history.present }, sent, shown);
      if (next === undefined) return;
      lastSent = sent.graph;
      // What it began with is no edit of its own: another form may begin with the same graph, and send that.
      shown.delete(base);
      base = first = next.base;
      show(historyOf(next.graph));
    },
  };
}

function draftState<TResource extends Resource>(
  { present: graph, canUndo, canRedo }: ReturnType<typeof historyOf<TResource>>,
  base: BundleGraph<TResource>,
  options: DraftOptions,
): DraftState<TResource> {
  let changes: GraphDifference<TResource> | undefined;
  let issues: readonly Issue[] | undefined;
  return {
    graph,
    canUndo,
    canRedo,
    get changes() {
      return (changes ??= diffGraphs(base, graph));
    },
    get dirty() {
      return graph !== base && Object.values(this.changes).some((list: readonly unknown[]) => list.length > 0);
    },
    get issues() {
      return (issues ??= issuesOf(graph, options));
    },
  };
}

/** Stands for source and destination, which are no part of a draft. */
const anybody = 'urn:uuid:00000000-0000-4000-8000-000000000000';

/** The issues of a draft. With a contract, it is checked as the message that it would become, which has a header of its own. */
function issuesOf(graph: BundleGraph<Resource>, { event, header, release }: DraftOptions): readonly Issue[] {
  if (event === undefined) {
    return checkMessage(graph, { release });
  }
  try {
    return createMessage(event, graph, { source: anybody, destination: anybody, header, release }).issues;
  } catch (error) {
    if (!isMessagingError(error)) throw error;
    return toIssues(error);
  }
}
