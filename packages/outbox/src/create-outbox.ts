import { MessagingError, parseGraph, readOperationOutcome, readReply } from '@fhir-messaging/core';
import type { OutboxRecord } from '@fhir-messaging/core';
import { accountEntries } from './account-entries.ts';
import { orLost } from './lease-lost.ts';
import { listeners } from './listeners.ts';
import { changeTo, holdsOperationOutcome, isFinished, isSent, isTurnedDown } from './outcome.ts';
import type { Outbox, OutboxOptions } from './outbox.ts';
import { partsOf } from './outbox-parts.ts';
import { dueSender } from './send-due.ts';
import { entriesOf, settleEntry } from './settle-entry.ts';
import { takingIn } from './take-in.ts';
import { watchView } from './watch-view.ts';
import { entryOf, viewOf } from './view.ts';

/**
 * An outbox over a store and a messenger: once `enqueue` resolves, the message goes out in order when it can, whatever is closed, killed or
 * offline in between; where nobody can know whether it arrived, it stops and says so.
 *
 * @throws {TypeError} without a store, a messenger or an account; when a part of the account is missing, `async` is false beside a `responseUrl`,
 * `concurrency` is below 1, or `atLeast` is none of its three.
 * @example
 * const outbox = createOutbox({ store: indexedDbOutboxStore('referrals'), messenger, account, events: [submitServiceRequest, updateServiceRequest] });
 * const stop = keepSending(outbox);
 * await outbox.enqueue(messenger.create(submitServiceRequest, payload));
 */
export function createOutbox<TTransaction = never>(options: OutboxOptions<TTransaction>): Outbox<TTransaction>;
export function createOutbox(options: OutboxOptions<unknown>): Outbox<unknown> {
  const parts = partsOf(options);
  const { store, account, messenger } = parts;
  const closing = new AbortController();
  const durability = store.durability();
  const view = watchView(store, async () => viewOf(await store.list(), parts));
  const cancelled = new Set<string>();
  const due = listeners();
  const entries = accountEntries(parts, due.tell);
  const { own, opened, change, forget } = entries;
  const sender = dueSender(parts, closing.signal, (id, reply) => settleEntry(id, reply, parts, entries));
  const tellAdded = (id: string): void => {
    cancelled.delete(id);
    due.tell();
  };
  const forgetUnprocessed = async (record: OutboxRecord): Promise<boolean> => {
    // Before the removal: whoever sees it asks `wasCancelled` at once.
    cancelled.add(record.id);
    let isGone = false;
    try {
      isGone = await forget(record);
    } finally {
      if (!isGone) cancelled.delete(record.id);
    }
    return isGone;
  };

  return Object.freeze<Outbox<unknown>>({
    ...view,
    account: options.account,
    async: options.async ?? options.responseUrl !== undefined,
    durability,
    enqueue: takingIn(parts, { ...entries, durability, closing: closing.signal, tellAdded }),
    run: sender.run,
    onDue: due.subscribe,
    list: async () => viewOf(await store.list(), parts),
    async read(id) {
      const record = await own(id);
      const bytes = record && (await opened(record.content, id, 'message'));
      if (record === undefined || bytes === undefined) return undefined;
      const reply = record.reply && (await opened(record.reply, id, 'reply'));
      const reading = reply && !holdsOperationOutcome(record) ? readReply(reply) : undefined;
      const message = record.facts.isDraft ? undefined : parts.read(bytes, record);
      return { graph: message?.graph ?? parseGraph(new TextDecoder().decode(bytes)), message, reply: reading?.message, issues: reading?.issues ?? readOperationOutcome(reply) ?? [] };
    },
    retry: (id) => change(id, /^(waiting|pending|uncertain|rejected|blocked|dead)$/, (record) => changeTo(record, 'pending', { sends: 0, unheard: 0, mayBeRepeated: true, dueInMs: 0, reply: null })),
    decide: (id, outcome) =>
      change(id, /^(uncertain|overdue)$/, (record) =>
        changeTo(record, outcome === 'processed' ? 'replied' : 'pending', { reason: 'decided', sends: 0, unheard: 0, sentAtMs: undefined, dueInMs: outcome === 'processed' ? undefined : 0, reply: null }),
      ),
    async cancel(id, seen) {
      const record = await own(id);
      if (record === undefined || record.facts.sentAtMs !== undefined || isSent(record.facts.state)) return false;
      return seen && seen.changedAtMs !== record.changedAtMs ? false : forgetUnprocessed(record);
    },
    wasCancelled: (id) => cancelled.has(id),
    async remove(id) {
      const { unreadable } = await store.list({ account });
      if (unreadable.includes(id)) return orLost(store.remove({ id, fence: 0 }));
      const record = await own(id);
      if (record === undefined || !isSent(record.facts.state)) return false;
      return isTurnedDown(record) ? forgetUnprocessed(record) : forget(record);
    },
    async clear({ discardUnsent = false } = {}) {
      const { records } = await store.list({ account });
      const unsent = records.filter(({ facts }) => !isFinished(facts.state));
      if (unsent.length > 0 && !discardUnsent) return unsent.map(entryOf);
      const kept: OutboxRecord[] = [];
      // The last one first: to forget an entry lets the next of its key be sent, which is still to be forgotten.
      for (const record of [...records].reverse()) {
        if (!(await forget(record))) kept.unshift(record);
      }
      return kept.map(entryOf);
    },
    async accept(bundle, acceptOptions) {
      const result = await messenger.accept(bundle, acceptOptions);
      if (result.kind !== 'unknown' && result.kind !== 'refused') {
        for (const id of await entriesOf(result.request, parts, entries)) await settleEntry(id, result.reply, parts, entries, result.kind === 'repeated' && !result.another);
      }
      return result;
    },
    async close() {
      closing.abort(new MessagingError('closed', 'The outbox was closed.'));
      await sender.idle();
    },
  });
}
