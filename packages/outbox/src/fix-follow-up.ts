import { adopt, adoptReply, expectsReply, isSameEvent, MessagingError, parseGraph, readReply } from '@fhir-messaging/core';
import type { AssignedId, BundleGraph, FullOutboxRecord, Message, OutboxRecord, Resource } from '@fhir-messaging/core';
import { focusOf } from './describe.ts';
import type { OutboxParts } from './outbox-parts.ts';

/** What the ids of the messages before say of one that follows them: its bytes, or why it cannot go, now or for good. */
export type FixedFollowUp =
  | { readonly kind: 'fixed'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'waits'; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string };

interface Names {
  readonly assigned: readonly AssignedId[];
  /** What the messages before called their entries. */
  readonly called: ReadonlySet<string>;
  /** Whether all the messages before are still there. */
  readonly isWhole: boolean;
}

/**
 * Fixes the bytes of a message that follows another, under the ids that the server assigned to that one and those before it.
 *
 * Nothing is guessed: what {@link adopt} cannot tell for certain is `blocked`.
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
    // What was removed may have called something so that the server knows by another name: sent as it is, it would be taken for new.
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

/** What is taken over and owed no reply is as good as processed. */
async function isSettled(record: FullOutboxRecord, parts: OutboxParts): Promise<boolean> {
  const { state } = record.facts;
  return state === 'replied' || (state === 'accepted' && !(await isAwaited(record, parts)));
}

/** Whether a graph has an entry without a URL that the messages before had too. */
function sharesUrn({ entries }: BundleGraph<Resource>, { called }: Names): boolean {
  return entries.some(({ key }) => key.startsWith('urn:') && called.has(key));
}

/** A URL stands for itself; but what the messages before were about may have one of the server's by now. */
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
    // The entry goes by what names its message: in R5 that is `Bundle.identifier`, a URN which is written of the same UUID as `Bundle.id`.
    const ids = release === 'R5' ? [header?.id, uuid.test(id) ? id : undefined] : [header?.id ?? id, header && bundle.id];
    const own = header && { header, bundle, source: header.source, destination: header.destination };
    const message = messenger.create(event, adopt(graph, assigned), { ...own, release, newId: () => ids.shift() ?? newId() });
    // Once more, since only now the focus is known of a graph that had no header.
    if (takesNames(message.graph)) adopt(message.graph, assigned);
    return { kind: 'fixed', bytes: message.bytes };
  } catch (error) {
    if (error instanceof MessagingError) return { kind: 'blocked', reason: error.code };
    throw error;
  }
}

/** What cannot be read here may be owed one. */
async function isAwaited(record: FullOutboxRecord, parts: OutboxParts): Promise<boolean> {
  try {
    const bytes = await parts.unpack(record.content, record.id, 'message');
    return bytes === undefined || expectsReply(parts.read(bytes, record));
  } catch {
    return true;
  }
}

/** What each entry of the messages before is called now, whatever they called it; `undefined` where one of them is locked. */
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
