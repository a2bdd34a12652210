import { MessagingError } from '@fhir-messaging/core';
import type { Message, NewOutboxEntry, OutboxDurability, OutboxFacts } from '@fhir-messaging/core';
import type { AccountEntries } from './account-entries.ts';
import { describe } from './describe.ts';
import { oneByOne } from './one-by-one.ts';
import type { EnqueueOptions, FollowUp, Outbox } from './outbox.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { entryOf } from './view.ts';

const ranks = ['none', 'ephemeral', 'partitioned', 'durable'];

/** What taking messages in needs of an outbox. */
export interface TakingIn extends AccountEntries {
  readonly durability: Promise<OutboxDurability>;
  readonly closing: AbortSignal;
  /** Is told of the entry that was added. */
  readonly tellAdded: (id: string) => void;
}

interface Prepared {
  readonly entry: NewOutboxEntry;
  readonly bytes: Uint8Array;
  /** Whether the store may have the entry already, from an earlier call whose end nobody heard of. */
  readonly isAgain: boolean;
}

/** How an outbox takes messages in: in the order in which it is given them, and each of them once. */
export function takingIn(parts: OutboxParts, { durability, closing, own, sameAs, tellAdded }: TakingIn): Outbox<unknown>['enqueue'] {
  const { store, account, given, events, learn, newId, atLeast = 'partitioned' } = parts;
  const least = ranks.indexOf(atLeast);
  if (least < 1) throw new TypeError('createOutbox: atLeast is no durability.');
  const isSafe = (kept: OutboxDurability): boolean => ranks.indexOf(kept) >= least;
  /** The ids of follow-ups that the store did not confirm, by their graphs. */
  const unheard = new WeakMap<object, { readonly event: object; readonly after: string | undefined; readonly id: string }>();
  let last: Promise<unknown> = Promise.resolve();
  let probed = durability;
  const addOneByOne = oneByOne();

  async function requireSafe(): Promise<void> {
    // A storage that was away at the start may be back.
    const earlier = probed;
    let kept = await earlier;
    if (!isSafe(kept)) {
      if (probed === earlier) probed = store.durability();
      kept = await probed;
    }
    if (!isSafe(kept)) {
      // `durability` gives no reason; a read that fails, too, has one.
      const cause: unknown = await store.list({ account }).then(() => undefined, (error: unknown) => error);
      throw new MessagingError('storage.unavailable', `Messages are not kept here as safely as asked for: ${kept}, not ${atLeast}.`, { cause });
    }
    closing.throwIfAborted();
  }

  async function prepare(content: Message | FollowUp, { after, key, transaction }: EnqueueOptions<unknown>): Promise<Prepared> {
    await requireSafe();
    const session = parts.session();
    if (session === 'other') {
      throw new MessagingError('session.expired', 'Another account may be signed in.');
    }
    const before = after === undefined ? undefined : await own(after, transaction);
    if (after !== undefined && before === undefined) {
      throw new MessagingError('entry.unknown', 'There is no entry to follow.');
    }
    if (before !== undefined && key !== undefined && key !== before.key) {
      throw new TypeError('outbox.enqueue: what follows another message has its key; leave `key` out.');
    }
    const earlier = unheard.get(content.graph);
    const isAgain = !('bytes' in content) && earlier?.event === content.event && earlier.after === after;
    const { id, bytes, focus, facts } = await describe(content, { after, given, events, learn, release: before?.facts.release, newId: isAgain ? () => earlier.id : newId });
    const signedOut: Partial<OutboxFacts> = session === 'none' ? { state: 'waiting', reason: 'session.expired' } : {};
    const entry = { id, key: before?.key ?? key ?? focus ?? id, account, facts: { ...facts, ...signedOut }, content: await parts.pack(bytes, id, 'message'), dueInMs: 0 };
    return { entry, bytes, isAgain };
  }

  return async (content, options = {}) => {
    const { transaction } = options;
    const turn = last;
    const prepared = prepare(content, options);
    last = Promise.allSettled([turn, prepared]);
    await turn;
    const { entry, bytes, isAgain } = await prepared;
    const { id } = entry;
    const { graph } = content;
    // A transaction gets no turn: it would wait for an entry beside it that waits for its commit.
    const adds = transaction === undefined ? addOneByOne(entry.key, () => store.add(entry)) : store.add(entry, transaction);
    const added = await adds.catch((error: unknown) => {
      if (!('bytes' in content)) unheard.set(graph, { event: content.event, after: options.after, id });
      throw error;
    });
    const record = added ?? (await (isAgain ? own(id, transaction) : sameAs(id, bytes, transaction)));
    unheard.delete(graph);
    if (record === undefined) {
      throw new MessagingError('entry.duplicate', 'Another message has this id.');
    }
    tellAdded(id);
    return entryOf(record);
  };
}
