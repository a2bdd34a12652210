import { observeDraft } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, Draft, DraftOptions, DraftState, Message, NamedResource, Resource } from '@fhir-messaging/core';
import { useState } from 'react';
import { useObserved } from './use-observed.ts';

/** A draft with its state as of this render; the actions are the same functions in every one. */
export type MessageDraft<TResource extends Resource> = Draft<TResource> & { readonly state: DraftState<TResource> };

/** The beginning of a draft: a message or a graph, or a function that makes one. */
export type InitialDraft<TResource extends Resource> = Initial<TResource> | (() => Initial<TResource>);

type Initial<TResource extends Resource> = BundleGraph<TResource> | Message<AnyEvent | undefined, TResource>;

/**
 * Drafts a message: immutable edits with undo and redo, the issues that it would have, what changed.
 *
 * @param initial - the draft's beginning, looked at in the first render only. `reset` begins anew, and so does a component with another key.
 * @example
 * const draft = useMessageDraft(() => messenger.create(submitServiceRequest, payload, { base }));
 * <button onClick={() => draft.edit('ServiceRequest/1', (order) => { order.priority = 'urgent'; })}>Urgent</button>
 */
export function useMessageDraft<TResource extends Resource>(initial: InitialDraft<TResource>, options?: DraftOptions): MessageDraft<TResource> {
  const [draft] = useState(() => observeDraft(typeof initial === 'function' ? initial() : initial, options));
  return { ...draft, state: useObserved(draft) };
}

/**
 * One resource of a draft: the component renders again when that one is edited, and not for any other.
 *
 * @param name - as `graph.get` takes it: a key, a `fullUrl`, or `Type/id`.
 * @example const order = useDraftEntry(draft, 'ServiceRequest/123456');
 */
export function useDraftEntry<TResource extends Resource, const TName extends string>(
  draft: Draft<TResource>,
  name: TName,
): NamedResource<TResource, TName> | undefined {
  return useObserved(draft, ({ graph }) => graph.get(name));
}
