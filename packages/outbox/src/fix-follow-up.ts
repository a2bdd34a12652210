import { adopt, adoptReply, expectsReply, isSameEvent, MessagingError, parseGraph, readReply } from '@fhir-messaging/core';
import type { AssignedId, BundleGraph, FullOutboxRecord, Message, Resource } from '@fhir-messaging/core';
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
  const { event: name, after = '', release } = record.facts;
  const before = await parts.store.get(after);
  const state = before?.account === parts.account ? before.facts.state : 'removed';
  // What is taken over and owed no reply is as good as processed.
  const isSettled = state === 'replied' || (state === 'accepted' && before && !(await isAwaited(before, parts)));
  if (before === undefined || !isSettled) {
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
  // A URL stands for itself; but what the messages before were about may have one of the server's by now.
  const mayBeRenamed = (key: string): boolean => names.assigned.some(({ from }) => from === key) || (!parts.isTheirs(key) && (names.called.has(key) || !names.isWhole));
  const takesNames = (of: BundleGraph<Resource>): boolean =>
    of.entries.some(({ key }) => key.startsWith('urn:') && names.called.has(key)) || (state === 'replied' && focusOf(of).some(mayBeRenamed));
  if (header && !takesNames(graph)) {
    return { kind: 'fixed', bytes };
  }
  const event = name && parts.events.find((known) => isSameEvent(known, name));
  if (event === undefined) {
    return { kind: 'blocked', reason: 'event.unknown' };
  }
  try {
    const ids = [header?.id ?? record.id, header && graph.bundle.id];
    const own = header && { header, bundle: graph.bundle, source: header.source, destination: header.destination };
    const message = parts.messenger.create(event, adopt(graph, names.assigned), { ...own, release, newId: () => ids.shift() ?? parts.newId() });
    // Once more, since only now the focus is known of a graph that had no header.
    if (takesNames(message.graph)) adopt(message.graph, names.assigned);
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
  const { after } = record.facts;
  const earlier = after === undefined ? undefined : await parts.store.get(after);
  const before = earlier?.account === parts.account ? await namesOf(earlier, parts) : { assigned: [], called: new Set<string>(), isWhole: after === undefined };
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
