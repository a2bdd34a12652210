import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { Resource } from '../fhir/resource.ts';
import type { CodedReply, Processed, Reply } from '../exchange/reply.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { stateOf } from '../graph/graph-value.ts';
import { adopt, adoptReply } from '../message/adopt-reply.ts';
import type { Adoption } from '../message/adopt-reply.ts';
import type { AssignedId } from '../message/match-entries.ts';
import type { Message } from '../message/message.ts';
import type { Messenger } from './messenger.ts';
import { runSubmission } from './run-submission.ts';
import type { SubmissionOptions } from './observe-submission.ts';
import type { Submission } from './submission.ts';

/**
 * A submitted message and its reply: a submission's state when it is `done`. A message that was taken over (`accepted`) has to wait for its `later`
 * reply, which says the ids.
 */
export interface Submitted<TResource extends Resource> {
  readonly message: Message<unknown, TResource>;
  readonly reply: CodedReply<TResource, 'ok'> | Processed<TResource>;
}

/** Updates of one submitted message: a submission whose content is a graph, one after another. */
export interface Update<TEvent, TResource extends Resource> extends Submission<BundleGraph<TResource>, TEvent, TResource> {
  /** The message as the server knows it now, with the server's ids: edit its graph for the next update. It changes only with the state. */
  readonly getAdopted: () => Adoption<TResource>;
}

/**
 * Sends updates of a submitted message, as a state to show: takes over the ids that the server assigned, and those of each update after it.
 *
 * The graph that is submitted may be the adopted one, edited, or the one that the message was made of: its entries are renamed as the server
 * called them. When those ids do not cover its focus, the state is `invalid` with `adopt.incomplete`: the update could mean another record.
 *
 * @example
 * const update = observeUpdate(messenger, updateServiceRequest, submitted);
 * update.submit(updateEntry(update.getAdopted().graph, `ServiceRequest/${id}`, (order) => { order.priority = 'urgent'; }));
 */
export function observeUpdate<TTable extends EventTable, TResource extends Resource>(
  messenger: Messenger,
  event: EventContract<TTable, TResource>,
  submitted: NoInfer<Submitted<TResource>>,
  options?: NoInfer<SubmissionOptions<TResource>>,
): Update<EventContract<TTable, TResource>, TResource>;
export function observeUpdate(messenger: Messenger, event: AnyEvent, submitted: Submitted<Resource>, { unsettled }: SubmissionOptions = {}): unknown {
  let adopted = adoptionOf(submitted.message, submitted.reply);
  const submission = runSubmission<BundleGraph<Resource>>({
    messenger,
    event,
    unsettled,
    prepare: (content) => adopt(content, adopted.assigned),
    create(content: BundleGraph<Resource>, options) {
      const message = messenger.create(event, content, { ...options, release: options.release ?? submitted.message.release });
      // A graph without a header does not say what is in focus, but the message made of it does.
      if (!stateOf(content).header) adopt(message.graph, adopted.assigned);
      return message;
    },
    mayBeFollowed: true,
    onDone(message, reply, isLast) {
      const latest = adoptionOf(message, reply);
      // When the reply to an earlier update comes late, only its ids are taken over.
      adopted = { ...(isLast ? latest : adopted), assigned: chain(adopted.assigned, latest.assigned) };
    },
  });
  return { ...submission, getAdopted: () => adopted };
}

function adoptionOf(message: Message<unknown, Resource>, reply: Reply<Resource>): Adoption<Resource> {
  return 'message' in reply ? adoptReply(message, reply.message) : { graph: message.graph, assigned: [], issues: [] };
}

/** Joins two rounds of ids, so that each entry's first name leads to its last. */
function chain(before: readonly AssignedId[], after: readonly AssignedId[]): readonly AssignedId[] {
  const last = new Map(after.map(({ by, from, ...names }) => [from, names]));
  const first = new Set(before.map(({ from }) => from));
  return [...before.map((assigned) => ({ ...assigned, ...last.get(assigned.to) })), ...after.filter(({ from }) => !first.has(from))];
}
