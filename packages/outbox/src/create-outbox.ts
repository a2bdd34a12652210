import { MessagingError, parseGraph, readOutcome, readReply } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, MessageReply, OutboxDurability, OutboxRecord, Resource } from '@fhir-messaging/core';
import { sendClaimed } from './claims.ts';
import { describe, plain } from './describe.ts';
import { orLost } from './lease-lost.ts';
import { listeners } from './listeners.ts';
import { changeTo, holdsOutcome, isFinished, isSent } from './outcome.ts';
import type { EnqueueOptions, FollowUp, Outbox, OutboxOptions } from './outbox.ts';
import { partsOf } from './outbox-parts.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { watchView } from './watch-view.ts';
import { entryOf, viewOf } from './view.ts';

/** Node has a navigator that does not know. */
const platform: { readonly navigator?: { readonly onLine?: boolean } } = globalThis;

const ranks = ['none', 'ephemeral', 'partitioned', 'durable'];

/**
 * An outbox over a store and a messenger: once `enqueue` resolves, the message goes out in order when it can, whatever is closed, killed or
 * offline in between; where nobody can know whether it arrived, it stops and says so.
 *
 * @example
 * const outbox = createOutbox({ store: indexedDbOutboxStore('referrals'), messenger, account, events: [submitServiceRequest, updateServiceRequest] });
 * const stop = keepSending(outbox);
 * await outbox.enqueue(messenger.create(submitServiceRequest, payload));
 */
export function createOutbox<TTransaction = never>(options: OutboxOptions<TTransaction>): Outbox<TTransaction>;
export function createOutbox(options: OutboxOptions<unknown>): Outbox<unknown> {
  const parts = partsOf(options);
  const { store, account, messenger, newId, concurrency = 4, atLeast = 'partitioned' } = parts;
  const isOnline = parts.isOnline ?? (() => platform.navigator?.onLine !== false);
  const pause = parts.pause ?? (() => new Promise<void>((resolve) => void setTimeout(resolve)));
  const closing = new AbortController();
  const durability = store.durability();
  const isSafe = (kept: OutboxDurability): boolean => ranks.indexOf(kept) >= ranks.indexOf(atLeast);
  const view = watchView(store, async () => viewOf(await store.list(), account));
  const cancelled = new Set<string>();
  const due = listeners();
  let running: Promise<void> | undefined;
  /** How often it was asked to run. */
  let asks = 0;

  const own = async (id: string): Promise<FullOutboxRecord | undefined> => {
    const record = await store.get(id);
    return record?.account === account ? record : undefined;
  };
  /** What was stored, where its key fits. */
  const opened: OutboxParts['unpack'] = (content, id, kind) => parts.unpack(content, id, kind).catch(() => undefined);
  /** The entry that holds this message already. */
  const sameAs = async (id: string, bytes: Uint8Array): Promise<OutboxRecord | undefined> => {
    const record = await own(id);
    const stored = record && (await opened(record.content, id, 'message'));
    return stored && isSame(stored, bytes) ? record : undefined;
  };
  /** The entries that a message with these names may be: few are sent under names of their own. */
  const idsOf = async (named: readonly string[]): Promise<readonly string[]> => {
    const known = await Promise.all(named.map(own));
    return known.some((record) => record)
      ? named
      : (await store.list({ account })).records.filter(({ facts }) => facts.sentAs?.some((name) => named.includes(name))).map(({ id }) => id);
  };
  /** What follows an entry directly looks again at it. */
  const freeFollowers = async ({ id, key }: OutboxRecord): Promise<void> => {
    const { records } = await store.list({ account, key });
    for (const follower of records.filter(({ facts, isLeased }) => facts.after === id && facts.isDraft && !isLeased)) {
      await orLost(store.update(follower, changeTo(follower, 'pending', { dueInMs: 0 })));
    }
    due.tell();
  };
  /** Changes an entry that nobody works on; who is slower than another changes nothing. */
  const change = async (id: string, from: RegExp, to: (record: FullOutboxRecord) => ReturnType<typeof changeTo>): Promise<boolean> => {
    const record = await own(id);
    if (record === undefined || record.isLeased || !from.test(record.facts.state)) return false;
    const changed = await orLost(store.update(record, to(record)));
    if (changed) await freeFollowers(record);
    return changed;
  };
  /** What it held back may go. */
  const forget = async (record: OutboxRecord | undefined): Promise<boolean> => {
    const isGone = record !== undefined && !record.isLeased && (await orLost(store.remove(record)));
    if (isGone) due.tell();
    return isGone;
  };

  async function drain(): Promise<void> {
    try {
      for (let answered = 0; answered < asks; ) {
        answered = asks;
        await sendDue();
      }
    } finally {
      // In the same turn as the last look: whoever asks from now on is not overheard.
      running = undefined;
    }
  }

  async function sendDue(): Promise<void> {
    /** What failed stays, and ends the run. */
    const sending = new Set<Promise<unknown>>();
    let ended = 0;
    let isOver = false;
    const goesOn = (): boolean => !isOver && !closing.signal.aborted && isOnline();
    const send = async (claimed: FullOutboxRecord): Promise<void> => {
      const { endsRun, later } = await sendClaimed(claimed, parts, closing.signal);
      later?.then((reply) => settle(claimed.id, reply)).catch(() => undefined);
      if (endsRun) isOver = true;
      await pause();
      ended += 1;
    };
    try {
      for (let mayBeDue = true; mayBeDue && goesOn(); ) {
        const endedBefore = ended;
        for (const claimed of await store.claim({ account, limit: concurrency - sending.size, leaseMs: parts.leaseMs })) {
          const sent: Promise<unknown> = send(claimed).then(() => sending.delete(sent));
          sent.catch(() => undefined);
          sending.add(sent);
        }
        // What ended while the claim was on its way may have let the next one of its key go.
        mayBeDue = sending.size > 0 || ended > endedBefore;
        if (sending.size > 0) await Promise.race(sending);
        // Those that end in the same moment make way for one claim.
        if (sending.size > 0) await pause();
      }
      await Promise.all(sending);
    } finally {
      await Promise.allSettled(sending);
    }
  }

  async function settle(id: string, reply: MessageReply<Resource>): Promise<void> {
    const isGood = reply.kind === 'ok';
    const repliedBy = reply.message.identity.message;
    // Who was faster changed something else, such as that it was taken over: the reply is worth more, and comes once.
    for (let isStored = false; !isStored; ) {
      const record = await own(id);
      // What a person decided, or a status said, was no answer yet.
      if (record === undefined || (record.reply && !holdsOutcome(record))) return;
      // The reply that somebody asked for another one after has come once more; to what is in custody it may be the answer again.
      if (repliedBy !== undefined && repliedBy === record.facts.repliedBy && !/^(accepted|overdue)$/.test(record.facts.state)) return;
      const bytes = await parts.pack(reply.message.bytes, id, 'reply');
      isStored = await orLost(store.update(record, changeTo(record, isGood ? 'replied' : 'rejected', { reason: isGood ? undefined : reply.kind, sentAtMs: undefined, reply: bytes, repliedBy })));
      if (isStored) await freeFollowers(record);
    }
  }

  return Object.freeze<Outbox<unknown>>({
    ...view,
    durability,
    async enqueue(content: Message | FollowUp, { after, key, transaction }: EnqueueOptions<unknown> = {}) {
      // A storage that was away at the start may be back.
      const probed = await durability;
      const kept = isSafe(probed) ? probed : await store.durability();
      if (!isSafe(kept)) {
        throw new MessagingError('storage.unavailable', `Messages are not kept here as safely as asked for: ${kept}, not ${atLeast}.`);
      }
      closing.signal.throwIfAborted();
      if (!parts.isSignedIn()) {
        throw new MessagingError('session.expired', 'The account is not signed in.');
      }
      const before = after === undefined ? undefined : await own(after);
      if (after !== undefined && before === undefined) {
        throw new MessagingError('entry.unknown', 'There is no entry to follow.');
      }
      const { id, bytes, focus, facts } = describe(content, { after, newId, events: parts.events });
      const entry = { id, key: before?.key ?? key ?? focus ?? id, account, facts, content: await parts.pack(bytes, id, 'message'), dueInMs: 0 };
      const record = (await store.add(entry, transaction)) ?? (await sameAs(id, bytes));
      cancelled.delete(id);
      if (record === undefined) {
        throw new MessagingError('entry.duplicate', 'Another message has this id.');
      }
      due.tell();
      return entryOf(record);
    },
    run() {
      asks += 1;
      running ??= drain();
      return running;
    },
    onDue: due.add,
    list: async () => viewOf(await store.list(), account),
    async read(id) {
      const record = await own(id);
      const bytes = record && (await opened(record.content, id, 'message'));
      if (record === undefined || bytes === undefined) return undefined;
      const reply = record.reply && (await opened(record.reply, id, 'reply'));
      const reading = reply && !holdsOutcome(record) ? readReply(reply) : undefined;
      const message = record.facts.isDraft ? undefined : parts.read(bytes, record);
      return { graph: message?.graph ?? parseGraph(new TextDecoder().decode(bytes)), message, reply: reading?.message, issues: reading?.issues ?? readOutcome(reply) ?? [] };
    },
    retry: (id) => change(id, /^(waiting|pending|uncertain|rejected|blocked|dead)$/, (record) => changeTo(record, 'pending', { sends: 0, unheard: 0, mayBeRepeated: true, dueInMs: 0, reply: null })),
    decide: (id, outcome) =>
      change(id, /^uncertain$/, (record) =>
        changeTo(record, outcome === 'processed' ? 'replied' : 'pending', { reason: 'decided', sends: 0, unheard: 0, sentAtMs: undefined, dueInMs: outcome === 'processed' ? undefined : 0, reply: null }),
      ),
    async cancel(id) {
      const record = await own(id);
      if (record?.facts.sentAtMs !== undefined || isSent(record?.facts.state)) return false;
      // Whoever sees that it is gone has to know already.
      cancelled.add(id);
      let isGone = false;
      try {
        isGone = await forget(record);
      } finally {
        if (!isGone) cancelled.delete(id);
      }
      return isGone;
    },
    wasCancelled: (id) => cancelled.has(id),
    async remove(id) {
      const { unreadable } = await store.list({ account });
      if (unreadable.includes(id)) return orLost(store.remove({ id, fence: 0 }));
      const record = await own(id);
      return isSent(record?.facts.state) && forget(record);
    },
    async clear({ discardUnsent = false } = {}) {
      const { records } = await store.list({ account });
      const unsent = records.filter(({ facts }) => !isFinished(facts.state));
      if (unsent.length > 0 && !discardUnsent) return unsent.map(entryOf);
      const kept: OutboxRecord[] = [];
      // From the last one on: what is in front would let go what is still to be forgotten.
      for (const record of [...records].reverse()) {
        if (!(await forget(record))) kept.unshift(record);
      }
      return kept.map(entryOf);
    },
    async accept(bundle, acceptOptions) {
      const result = await messenger.accept(bundle, acceptOptions);
      if (result.kind !== 'unknown' && result.kind !== 'refused') {
        const { request, reply } = result;
        const named = request.identity.ids.map(({ value }) => plain(value));
        for (const id of await idsOf(named)) await settle(id, reply);
      }
      return result;
    },
    async close() {
      closing.abort(new MessagingError('closed', 'The outbox was closed.'));
      await running?.catch(() => undefined);
    },
  });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, position) => byte === b[position]);
}
