import { isMessagingError } from '@fhir-messaging/core';
import type { FullOutboxRecord, NewOutboxEntry, OutboxChange, OutboxFacts, OutboxRecord, OutboxStore } from '@fhir-messaging/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A store with nothing in it. */
export interface OutboxStoreUnderTest {
  readonly store: OutboxStore;
  /** What another process, or another tab, has: a store of its own on the same storage. */
  readonly elsewhere: OutboxStore;
  /** Lets time pass by the store's clock: what it keeps moves into the past. */
  pass(ms: number): void | Promise<void>;
  /** Makes a row one that cannot be read, as a fault of the disk would; left out where nothing can. */
  corrupt?(id: string): void | Promise<void>;
  stop(): void | Promise<void>;
}

const account = 'https://ehr.example.org|app|Practitioner/1';
const leaseMs = 30_000;
/** What a busy machine may take between two steps of a test: databases have clocks of their own. */
const margin = 10_000;

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

export const facts: OutboxFacts = {
  state: 'pending',
  event: { coding: { system: 'https://example.org/events', code: 'admit' } },
  release: 'R4',
  after: undefined,
  isDraft: false,
  sends: 0,
  sentAtMs: undefined,
  mayBeRepeated: false,
  reason: undefined,
};

/** Every fact that there is. */
const everyFact: { readonly [Name in keyof Required<OutboxFacts>]: NonNullable<OutboxFacts[Name]> } = {
  state: 'waiting',
  event: { coding: { system: 'https://example.org/events', code: 'admit' } },
  contract: { category: 'notification', reply: 'never', scopes: ['user/Messaging.write'] },
  release: 'R5',
  after: 'x',
  isDraft: true,
  sends: 4,
  unheard: 3,
  sentAs: ['m-1', 'm-2'],
  repliedBy: 'reply-1',
  sentAtMs: 5,
  mayBeRepeated: true, isRepeat: true,
  reason: 'r',
};

/** An entry as an outbox adds it. */
export function entryOf(id: string, changes: Partial<NewOutboxEntry> = {}): NewOutboxEntry {
  return { id, key: id, account, facts, content: { bytes: text(`{"id":"${id}","é":1.50}`), sealedWith: undefined }, dueInMs: 0, ...changes };
}

const done: OutboxChange = { facts: { ...facts, state: 'replied', sends: 1, sentAtMs: 17 }, isFinished: true, dueInMs: undefined };
const again: OutboxChange = { facts: { ...facts, sends: 1 }, isFinished: false, dueInMs: 0 };

/** What every OutboxStore does, whatever it keeps its entries in. */
export function outboxStoreContract(name: string, open: () => OutboxStoreUnderTest | Promise<OutboxStoreUnderTest>): void {
  describe(`${name} keeps the contract of an OutboxStore`, () => {
    let under: OutboxStoreUnderTest;
    let store: OutboxStore;
    let elsewhere: OutboxStore;
    beforeEach(async () => {
      under = await open();
      ({ store, elsewhere } = under);
    });
    afterEach(() => under.stop());

    const add = async (...entries: NewOutboxEntry[]): Promise<void> => {
      for (const entry of entries) expect(await store.add(entry)).toMatchObject({ id: entry.id });
    };
    const claim = async (limit = 10, by = store, of = account): Promise<readonly FullOutboxRecord[]> => by.claim({ account: of, limit, leaseMs });
    const claimOne = async (by = store): Promise<FullOutboxRecord> => {
      const [record, ...others] = await claim(1, by);
      if (!record || others.length > 0) throw new Error('one entry should be due');
      return record;
    };
    const claimed = async (limit?: number, by = store, of = account): Promise<string[]> => (await claim(limit, by, of)).map(({ id }) => id);
    const listed = async (filter = {}): Promise<string[]> => (await elsewhere.list(filter)).records.map(({ id }) => id);
    const recordOf = async (id: string): Promise<FullOutboxRecord> => {
      const record = await elsewhere.get(id);
      if (!record) throw new Error(`there is no ${id}`);
      return record;
    };
    const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> =>
      promise.then(
        () => undefined,
        (error: unknown) => (isMessagingError(error) ? error.code : String(error)),
      );

    it('says how safe a message is', async () => {
      expect(['durable', 'partitioned', 'ephemeral']).toContain(await store.durability());
      expect(await listed()).toEqual([]);
    });

    describe('what is kept', () => {
      it.each([0.5, 1234.567, 30 * 86_400_000, 400 * 86_400_000])('when an entry is due, to the millisecond and for as long as it takes: in %d ms', async (dueInMs) => {
        await add(entryOf('added', { dueInMs }), entryOf('changed', { key: 'k' }));
        await store.update({ id: 'changed', fence: 0 }, { ...again, dueInMs });

        for (const { dueAtMs, changedAtMs } of (await store.list()).records) expect(Math.abs((dueAtMs ?? 0) - changedAtMs - dueInMs)).toBeLessThan(2);
      });

      it('when an entry was changed, which a claim does not', async () => {
        const added = await store.add(entryOf('m'));
        await under.pass(1_000);
        const { changedAtMs: claimedAtMs } = await claimOne();
        expect([claimedAtMs, (await recordOf('m')).changedAtMs]).toEqual([added?.changedAtMs, added?.changedAtMs]);

        const { changedAtMs } = await store.update({ id: 'm', fence: 1 }, again);
        expect((await recordOf('m')).changedAtMs).toBe(changedAtMs);
      });

      it('that an entry is never due by itself, where the time is without end', async () => {
        await add(entryOf('added', { dueInMs: Infinity }), entryOf('changed', { key: 'k' }));
        await store.update({ id: 'changed', fence: 0 }, { ...again, dueInMs: Infinity });

        expect(await claimed()).toEqual([]);
      });

      it('an entry as it was added, and its bytes', async () => {
        const entry = entryOf('m', { content: { bytes: text('sealed'), sealedWith: 'key-1' }, facts: everyFact });
        await add(entry);

        const record = await recordOf('m');
        expect(record).toMatchObject({ id: 'm', key: 'm', account, isFinished: false, isLeased: false });
        expect(record.facts).toEqual(everyFact);
        expect((await store.list()).records[0]?.facts).toEqual(everyFact);
        expect((await store.update(record, { facts: { ...everyFact, sends: 5 }, isFinished: false, dueInMs: undefined })).facts).toEqual({ ...everyFact, sends: 5 });
        expect(new Uint8Array(record.content.bytes)).toEqual(text('sealed'));
        expect(record.content.sealedWith).toBe('key-1');
        expect(record.reply).toBeUndefined();
        expect(Math.abs(record.readAtMs - record.addedAtMs)).toBeLessThan(margin);
        expect(Math.abs((record.dueAtMs ?? 0) - record.addedAtMs)).toBeLessThan(margin);
      });

      it.each(['a\u0000b', 'a\ud800b', '\udc00'])('keeps facts whatever characters another side put into them: %j', async (odd) => {
        const odds: OutboxFacts = { ...everyFact, event: { coding: { system: odd, code: odd } }, after: odd, sentAs: ['m-1', odd], repliedBy: odd, reason: odd };
        await add(entryOf('m'));
        expect((await store.update(await recordOf('m'), { facts: odds, isFinished: false, dueInMs: 0 })).facts).toEqual(odds);
        expect((await claimOne()).facts).toEqual(odds);
        expect((await store.list()).records[0]?.facts).toEqual(odds);
      });

      it('gives an entry that was added as one finds it, without its bytes', async () => {
        const added = await store.add(entryOf('m', { key: 'k', dueInMs: 17 }));
        const { content, reply, ...found } = await recordOf('m');

        expect(added).toEqual({ ...found, readAtMs: expect.closeTo(found.readAtMs, -4) });
        expect([new Uint8Array(content.bytes), reply]).toEqual([text('{"id":"m","é":1.50}'), undefined]);
      });

      it('the first of two with one id, whoever adds the other', async () => {
        await add(entryOf('m'));

        expect(await elsewhere.add(entryOf('m', { account: 'another', content: { bytes: text('other'), sealedWith: undefined } }))).toBeUndefined();
        expect(new Uint8Array((await recordOf('m')).content.bytes)).toEqual(text('{"id":"m","é":1.50}'));
      });

      it('one of two with one id that are added at once', async () => {
        const added = await Promise.all([store.add(entryOf('m')), elsewhere.add(entryOf('m'))]);

        expect(added.filter((record) => record !== undefined)).toHaveLength(1);
      });

      it('lists without bytes, in the order in which they came, by account and by key', async () => {
        await add(entryOf('c', { key: 'k' }), entryOf('a'), entryOf('b', { key: 'k', account: 'another' }));

        expect(await listed()).toEqual(['c', 'a', 'b']);
        expect(await listed({ account })).toEqual(['c', 'a']);
        expect(await listed({ key: 'k' })).toEqual(['c', 'b']);
        expect(await listed({ key: 'k', account })).toEqual(['c']);
        expect((await store.list()).records.every((record) => !('content' in record))).toBe(true);
      });

      it('nothing of one that was removed', async () => {
        await add(entryOf('m'));
        await store.remove({ id: 'm', fence: 0 });

        expect(await elsewhere.get('m')).toBeUndefined();
        expect(await listed()).toEqual([]);
        expect(await codeOf(store.remove({ id: 'm', fence: 0 }))).toBeUndefined();
      });
    });

    describe('what is claimed', () => {
      it('what is due, the oldest first, with its bytes, no more than asked for, by one of two who ask at once', async () => {
        await add(entryOf('a'), entryOf('b'), entryOf('c'), entryOf('later', { dueInMs: margin }), entryOf('never', { dueInMs: undefined }));

        const first = await claim(2);
        expect(first.map(({ id, fence, isLeased }) => [id, fence > 0, isLeased])).toEqual([['a', true, true], ['b', true, true]]);
        expect(new Uint8Array(first[0]!.content.bytes)).toEqual(text('{"id":"a","é":1.50}'));
        const both = await Promise.all([claimed(), claimed(10, elsewhere)]);
        expect(both.flat()).toEqual(['c']);
      });

      it('what was due later, later', async () => {
        await add(entryOf('later', { dueInMs: margin * 2 }));
        expect(await claimed()).toEqual([]);

        await under.pass(margin * 2);
        expect(await claimed()).toEqual(['later']);
      });

      it('of one account only', async () => {
        await add(entryOf('mine'), entryOf('theirs', { account: 'another' }));

        expect(await claimed(10, store, 'another')).toEqual(['theirs']);
        expect(await claimed()).toEqual(['mine']);
      });

      it('first in, first out within a key, and keys apart', async () => {
        await add(entryOf('k1', { key: 'k' }), entryOf('k2', { key: 'k' }), entryOf('l1', { key: 'l' }), entryOf('l2', { key: 'l' }));

        const [k1, l1, ...others] = await claim();
        expect([k1?.id, l1?.id, others]).toEqual(['k1', 'l1', []]);
        expect(await claimed()).toEqual([]);
        await store.update(l1!, done);
        expect(await claimed(10, elsewhere)).toEqual(['l2']);
        await store.update(k1!, done);
        expect(await claimed(10, elsewhere)).toEqual(['k2']);
      });

      it('nothing behind one that is not finished, due or not', async () => {
        await add(entryOf('k1', { key: 'k', dueInMs: undefined }), entryOf('k2', { key: 'k' }));
        expect(await claimed()).toEqual([]);

        await store.update({ id: 'k1', fence: 0 }, { ...again, dueInMs: margin });
        expect(await claimed()).toEqual([]);
        await under.pass(margin);
        expect(await claimed()).toEqual(['k1']);
      });

      it('nothing held back by the same key of another account', async () => {
        await add(entryOf('theirs', { key: 'k', account: 'another' }), entryOf('mine', { key: 'k' }));

        expect(await claimed()).toEqual(['mine']);
      });

      it('one that is finished and due, such as a reply that is overdue, beside the next of its key', async () => {
        await add(entryOf('k1', { key: 'k' }), entryOf('k2', { key: 'k' }));
        await store.update(await claimOne(), { ...done, dueInMs: 0 });

        expect(await claimed()).toEqual(['k1', 'k2']);
      });

      it('what follows one that was removed', async () => {
        await add(entryOf('k1', { key: 'k', dueInMs: undefined }), entryOf('k2', { key: 'k' }));
        await store.remove({ id: 'k1', fence: 0 });

        expect(await claimed()).toEqual(['k2']);
      });

      it('what another left, once its lease ran out, under a higher fence', async () => {
        await add(entryOf('m'));
        const left = await claimOne();
        await under.pass(leaseMs - margin);
        expect(await claimed(10, elsewhere)).toEqual([]);

        await under.pass(margin);
        expect((await recordOf('m')).isLeased).toBe(false);
        expect((await claimOne(elsewhere)).fence).toBeGreaterThan(left.fence);
      });

      it('each once by many who ask at once', async () => {
        const ids = Array.from({ length: 30 }, (_, place) => `m${place}`);
        await add(...ids.map((id, place) => entryOf(id, { key: `k${place % 15}` })));

        const rounds = await Promise.all(Array.from({ length: 8 }, (_, place) => claimed(3, place % 2 ? store : elsewhere)));
        const got = rounds.flat();
        expect(new Set(got).size).toBe(got.length);
        expect(got.every((id) => ids.indexOf(id) < 15)).toBe(true);
      });
    });

    describe('what is changed', () => {
      it('everything that is said, and no bytes that are not', async () => {
        await add(entryOf('m'));
        const held = await claimOne();
        const after = await store.update(held, { ...done, reply: { bytes: text('{"reply":1.50}'), sealedWith: 'k' } });

        expect(after).toMatchObject({ id: 'm', facts: done.facts, isFinished: true, isLeased: false, dueAtMs: undefined });
        const record = await recordOf('m');
        expect(new Uint8Array(record.content.bytes)).toEqual(text('{"id":"m","é":1.50}'));
        expect(new Uint8Array(record.reply!.bytes)).toEqual(text('{"reply":1.50}'));
        expect(record.reply!.sealedWith).toBe('k');
      });

      it('a reply is taken away where that is said, and nothing else', async () => {
        await add(entryOf('m'));
        await store.update(await claimOne(), { ...done, reply: { bytes: text('{"reply":1}'), sealedWith: 'k' } });
        await store.update(await recordOf('m'), { ...again, reply: null });

        const { content, reply } = await recordOf('m');
        expect([new Uint8Array(content.bytes), reply]).toEqual([text('{"id":"m","é":1.50}'), undefined]);
      });

      it('the message itself, where its bytes are fixed late', async () => {
        await add(entryOf('m', { facts: { ...facts, isDraft: true } }));
        await store.update(await claimOne(), { ...again, content: { bytes: text('fixed'), sealedWith: 'k' } });

        const record = await recordOf('m');
        expect([new TextDecoder().decode(record.content.bytes), record.content.sealedWith, record.facts.isDraft]).toEqual(['fixed', 'k', false]);
      });

      it('under the same fence while the lease goes on, under a higher one once it ends', async () => {
        await add(entryOf('m'));
        const held = await claimOne();
        const kept = await store.update(held, { ...again, leaseMs });
        expect([kept.fence, kept.isLeased]).toEqual([held.fence, true]);

        const ended = await store.update(kept, again);
        expect([ended.fence > held.fence, ended.isLeased]).toEqual([true, false]);
        expect((await claimOne()).fence).toBeGreaterThan(ended.fence);
      });

      it('by one of two who change it from the same fence', async () => {
        await add(entryOf('m'));

        const codes = await Promise.all([codeOf(store.update({ id: 'm', fence: 0 }, again)), codeOf(elsewhere.update({ id: 'm', fence: 0 }, done))]);
        expect(codes.filter((code) => code === 'lease.lost')).toHaveLength(1);
        expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      });

      it('by nobody whose lease passed on', async () => {
        await add(entryOf('m'));
        const lost = await claimOne();
        await under.pass(leaseMs);
        const held = await claimOne(elsewhere);

        expect(await codeOf(store.update(lost, done))).toBe('lease.lost');
        expect(await codeOf(store.renew(lost, leaseMs))).toBe('lease.lost');
        expect(await codeOf(store.remove(lost))).toBe('lease.lost');
        const record: OutboxRecord = await recordOf('m');
        expect([record.facts, record.fence, record.isLeased]).toEqual([facts, held.fence, true]);
      });

      it('by nobody who found it without the lease that runs on it by now', async () => {
        await add(entryOf('m'));
        const held = await claimOne();
        await under.pass(leaseMs);
        const found = await recordOf('m');
        await store.renew(held, leaseMs);

        expect([found.fence, found.isLeased]).toEqual([held.fence, false]);
        expect(await codeOf(elsewhere.update(found, again))).toBe('lease.lost');
        expect(await codeOf(elsewhere.renew(found, leaseMs))).toBe('lease.lost');
        expect(await codeOf(elsewhere.remove(found))).toBe('lease.lost');
        expect(await codeOf(store.update(held, done))).toBeUndefined();
      });

      it('by nobody who held an entry that was removed, where there is another one of its id under the same fence', async () => {
        await add(entryOf('m'));
        const lost = await claimOne();
        await under.pass(leaseMs);
        await elsewhere.remove(await recordOf('m'));
        await add(entryOf('m'));
        const held = await claimOne(elsewhere);

        expect(held.fence).toBe(lost.fence);
        expect(await codeOf(store.renew(lost, leaseMs))).toBe('lease.lost');
        expect(await codeOf(store.remove(lost))).toBe('lease.lost');
        expect(await codeOf(store.update(lost, again))).toBe('lease.lost');
        expect((await elsewhere.update(held, done)).facts.state).toBe('replied');
      });

      it('nothing of one that is gone', async () => {
        expect(await codeOf(store.update({ id: 'm', fence: 0 }, done))).toBe('lease.lost');
        expect(await codeOf(store.renew({ id: 'm', fence: 0 }, leaseMs))).toBe('lease.lost');
      });

      it('a lease that is renewed goes on', async () => {
        await add(entryOf('m'));
        const held = await claimOne();
        await under.pass(leaseMs - margin);
        await store.renew(held, leaseMs);
        await under.pass(leaseMs - margin);

        expect(await claimed(10, elsewhere)).toEqual([]);
        expect((await store.update(held, done)).facts.state).toBe('replied');
      });
    });

    it('tells who subscribed of changes, until that ends', async () => {
      let heard = 0;
      let stopped = 0;
      const leave = store.subscribe(() => (heard += 1));
      store.subscribe(() => (stopped += 1))();
      await add(entryOf('m'));
      await expect.poll(() => heard).toBeGreaterThan(0);
      leave();

      expect(stopped).toBe(0);
    });

    it('has stored what it stored, though who subscribed fails', async () => {
      const leave = store.subscribe(() => {
        throw new Error('a fault in a display');
      });

      expect(await store.add(entryOf('m'))).toMatchObject({ id: 'm' });
      expect(await claimed()).toEqual(['m']);
      leave();
    });

    it('a row that cannot be read is told, holds back its key, hinders no other, and can be removed', async (context) => {
      if (under.corrupt === undefined) return context.skip();
      await add(entryOf('k1', { key: 'k' }), entryOf('k2', { key: 'k' }), entryOf('m'));
      await under.corrupt('k1');

      expect(await claimed()).toEqual(['m']);
      expect(await elsewhere.get('k1')).toBeUndefined();
      const { records, unreadable } = await elsewhere.list();
      expect([records.map(({ id }) => id), unreadable]).toEqual([['k2', 'm'], ['k1']]);
      expect((await elsewhere.list({ account, key: 'm' })).unreadable).toEqual(['k1']);
      await store.remove({ id: 'k1', fence: 0 });
      expect((await elsewhere.list()).unreadable).toEqual([]);
      expect(await claimed()).toEqual(['k2']);
    });
  });
}
