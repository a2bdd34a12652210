import { adopt, adoptReply, expectsReply, isSameEvent, MessagingError, parseGraph, readReply } from '@fhir-messaging/core';
import type { AssignedId, BundleGraph, FullOutboxRecord, Message, OutboxRecord, Resource } from '@fhir-messaging/core';
import { focusOf } from './focus-of.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { OutboxReason } from './outbox-reason.ts';

/** A follow-up, once its predecessors' ids were looked up: its bytes, or why it cannot go, now or for good. */
export type FixedFollowUp =
  | { readonly kind: 'fixed'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'waits'; readonly reason: OutboxReason }
  | { readonly kind: 'blocked'; readonly reason: OutboxReason };

interface Names {
  readonly assigned: readonly AssignedId[];
  /** The names that the predecessors gave their entries. */
  readonly called: ReadonlySet<string>;
  /** Whether all predecessors are still there. */
  readonly isWhole: boolean;
}

/**
 * Fixes the bytes of a message that follows another, under the ids that the server assigned to that one and those before it.
 *
 * Nothing is guessed: a follow-up for which {@link adopt} cannot tell the ids for certain is `blocked`.
 *
 * @param bytes - of the message, or of the graph that it is to be made of.
 */
export async function fixFollowUp(record: FullOutboxRecord, bytes: Uint8Array<ArrayBuffer>, parts: OutboxParts): Promise<FixedFollowUp> {
  const before = await predecessorOf(record, parts);
  const state = before?.facts.state ?? 'removed';
  if (before === undefined || !(await isSettled(before, parts))) {
    return { kind: /^(accepted|sending|pending|waiting)$/.test(state) ? 'waits' : 'blocked', reason: `predecessor.${state}` };
  }
  const names = await namesOf(before, parts);
  if (names === undefined) {
    return { kind: 'waits', reason: 'locked' };
  }
  const graph = parseGraph(new TextDecoder().decode(bytes));
  const { header } = graph;
  const isNamed = ({ key }: { readonly key: string }): boolean => !key.startsWith('urn:') || names.called.has(key);
  if (!names.isWhole && !graph.entries.slice(header ? 1 : 0).every(isNamed)) {
    // The removed predecessor may have given such a name to an entry that the server knows by another: sent as it is, the entry would be taken for new.
    return { kind: 'blocked', reason: 'predecessor.removed' };
  }
  const takesNames = (of: BundleGraph<Resource>): boolean => sharesUrn(of, names) || (state === 'replied' && focusOf(of).some((key) => mayBeRenamed(key, names, parts)));
  return header && !takesNames(graph) ? { kind: 'fixed', bytes } : writeAnew(record, graph, names, takesNames, parts);
}

/** The entry that another one follows; one of another account is none. */
async function predecessorOf({ facts: { after } }: OutboxRecord, { store, account }: OutboxParts): Promise<FullOutboxRecord | undefined> {
  const before = after === undefined ? undefined : await store.get(after);
  return before?.account === account ? before : undefined;
}

/** Whether an entry is as good as processed: it is replied to, or accepted and owed no reply. */
async function isSettled(record: FullOutboxRecord, parts: OutboxParts): Promise<boolean> {
  const { state } = record.facts;
  return state === 'replied' || (state === 'accepted' && !(await isAwaited(record, parts)));
}

/** Whether a graph has an entry without a URL that the messages before had too. */
function sharesUrn({ entries }: BundleGraph<Resource>, { called }: Names): boolean {
  return entries.some(({ key }) => key.startsWith('urn:') && called.has(key));
}

/** Whether the server may have renamed a key: it is known to, or the key is not one of its URLs, and a predecessor may have sent it. */
function mayBeRenamed(key: string, { assigned, called, isWhole }: Names, { isTheirs }: OutboxParts): boolean {
  return assigned.some(({ from }) => from === key) || (!isTheirs(key) && (called.has(key) || !isWhole));
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Writes a message anew, under the ids that the server assigned. */
function writeAnew(
  { id, facts: { event: name, release } }: OutboxRecord,
  graph: BundleGraph,
  { assigned }: Names,
  takesNames: (graph: BundleGraph<Resource>) => boolean,
  { events, messenger, newId }: OutboxParts,
): FixedFollowUp {
  const { header, bundle } = graph;
  const event = name && events.find((known) => isSameEvent(known, name));
  if (event === undefined) {
    return { kind: 'blocked', reason: 'event.unknown' };
  }
  try {
    // The message is named by its entry's id: in R5 as `Bundle.identifier`, a URN which is written of the same UUID as `Bundle.id`.
    const ids = release === 'R5' ? [header?.id, uuid.test(id) ? id : undefined] : [header?.id ?? id, header && bundle.id];
    const own = header && { header, bundle, source: header.source, destination: header.destination };
    const message = messenger.create(event, adopt(graph, assigned), { ...own, release, newId: () => ids.shift() ?? newId() });
    // Once more: a graph that had no header has a focus only now.
    if (takesNames(message.graph)) adopt(message.graph, assigned);
    return { kind: 'fixed', bytes: message.bytes };
  } catch (error) {
    if (error instanceof MessagingError) return { kind: 'blocked', reason: error.code };
    throw error;
  }
}

/** Whether an entry is owed a reply, as one that cannot be read here may be. */
async function isAwaited(record: FullOutboxRecord, parts: OutboxParts): Promise<boolean> {
  try {
    const bytes = await parts.unpack(record.content, record.id, 'message');
    return bytes === undefined || expectsReply(parts.read(bytes, record));
  } catch {
    return true;
  }
}

/** The names that the entries of a message and its predecessors had, and have now; `undefined` where one of the messages is locked. */
async function namesOf(record: FullOutboxRecord, parts: OutboxParts): Promise<Names | undefined> {
  const earlier = await predecessorOf(record, parts);
  const before = earlier ? await namesOf(earlier, parts) : { assigned: [], called: new Set<string>(), isWhole: record.facts.after === undefined };
  const bytes = await parts.unpack(record.content, record.id, 'message');
  const reply = record.reply && (await parts.unpack(record.reply, record.id, 'reply'));
  if (before === undefined || bytes === undefined || (record.reply && reply === undefined)) {
    return undefined;
  }
  const message: Message = parts.read(bytes, record);
  const assigned = reply ? adoptReply(message, readReply(reply).message).assigned : [];
  const last = new Map(assigned.map(({ from, to }) => [from, to]));
  return {
    assigned: [...before.assigned.map((known) => ({ ...known, to: last.get(known.to) ?? known.to })), ...assigned],
    called: new Set([...before.called, ...message.graph.entries.map(({ key }) => key)]),
    isWhole: before.isWhole,
  };
}
