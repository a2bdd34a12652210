import { isSameContent, keepContent, observeSubmission } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, EventContract, EventTable, Messenger, PayloadOf, Reply, Resource } from '@fhir-messaging/core';
import type { KeyedSubmission } from './keyed-submissions.ts';

/** The options of TanStack Query's `useMutation`, without importing that library. */
export interface MessageMutation<TContent, TResource extends Resource> {
  readonly mutationFn: (content: TContent) => Promise<Reply<TResource>>;
  /** The messenger tries again itself, by the rules of the message's category. */
  readonly retry: false;
  /** The messenger says what became of a message, even without a connection. */
  readonly networkMode: 'always';
}

interface Unsettled {
  readonly event: AnyEvent;
  readonly kept: object;
  readonly submission: KeyedSubmission;
}

/** The submissions of each messenger that may be sent again, or may have gone on since. */
const unsettled = /* @__PURE__ */ new WeakMap<Messenger, Set<Unsettled>>();

/**
 * Options for TanStack Query's `useMutation` that submit messages of an event: it resolves with the reply and rejects as `messenger.send` does.
 *
 * The same content, mutated again while it is being sent or after a failure, is the same message; over a messenger with `wentOn` also where that message
 * was turned down, and went on since. A mutation cannot know that other content changes a message which may have arrived: `useSubmitMessage` does, and
 * asks first. Nor does it know of content that is changed and then changed back: after a failure that is still the first message, which a peer that
 * processed it answers without processing it again.
 *
 * @example const mutation = useMutation(messageMutation(messenger, submitServiceRequest));
 */
export function messageMutation<TTable extends EventTable, TResource extends Resource>(
  messenger: Messenger,
  event: EventContract<TTable, TResource>,
): MessageMutation<PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>, TResource>;
export function messageMutation(messenger: Messenger, event: AnyEvent): unknown {
  return {
    retry: false,
    networkMode: 'always',
    async mutationFn(content: PayloadOf<AnyEvent> | BundleGraph<Resource>): Promise<Reply<Resource>> {
      const open = unsettled.get(messenger) ?? new Set();
      unsettled.set(messenger, open);
      const kept = keepContent(content);
      const own = [...open].find((other) => other.event === event && isSameContent(other.kept, kept)) ?? { event, kept, submission: observeSubmission(messenger, event) };
      const submitting = own.submission.submit(content);
      open.add(own);
      const reached = await submitting;
      // The same content is asked about only where the peer replays one transient-error for its message: that answer is given again.
      const state = reached.kind === 'mayHaveArrived' ? await own.submission.resend() : reached;
      // What failed may be sent again; what was turned down may have gone on since, where a person has it tried again in an outbox.
      if (!/^(failed|refused|rejected)$/.test(state.kind)) open.delete(own);
      if ('reply' in state) {
        return state.kind === 'refused' ? { ...state.reply, mayHaveArrived: state.mayHaveArrived } : state.reply;
      }
      throw 'error' in state ? state.error : new TypeError(`messageMutation: ${state.kind} is no end.`);
    },
  };
}
