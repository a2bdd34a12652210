import type { PendingRecord, PendingRequest, PendingStore } from '@fhir-messaging/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A fresh, empty store, and what a durable one can do besides. */
export interface PendingStoreFixture {
  readonly store: PendingStore;
  /** The same stored requests through another handle, as a new process opens them; left out where nothing outlives the store. */
  readonly reopen?: () => Promise<PendingStore>;
  readonly stop?: () => Promise<void>;
}

/** The key of that request, and an id of it. */
export const first = '5b1c4a1e-0001-4d5c-9a53-0f3f0d0f0f0f';
const second = '5b1c4a1e-0002-4d5c-9a53-0f3f0d0f0f0f';

/** A request as a messenger keeps it. */
export function requestOf(changes: Partial<PendingRequest> = {}): PendingRequest {
  return {
    key: first,
    ids: [
      { source: 'MessageHeader.id', value: first },
      { source: 'Bundle.identifier', value: 'order-7', system: 'https://app.example.org/orders' },
    ],
    release: 'R4',
    event: 'https://example.org/events|admit',
    destinations: ['https://b.example/fhir', 'https://c.example/fhir'],
    bytes: new TextEncoder().encode('{"resourceType":"Bundle","id":"ä–😀","value":1.50}'),
    attempts: 1,
    sentAtMs: 1_000,
    deadlineMs: 2_000,
    keepUntilMs: 1_732_172_378_123,
    ...changes,
  };
}

/** What every PendingStore keeps to; run it against each. */
export function pendingStoreContract(name: string, make: () => Promise<PendingStoreFixture>): void {
  describe(`PendingStore: ${name}`, () => {
    let fixture: PendingStoreFixture;
    let store: PendingStore;

    beforeEach(async () => {
      fixture = await make();
      ({ store } = fixture);
    });

    afterEach(async () => {
      await fixture.stop?.();
    });

    const only = async (id: string): Promise<PendingRecord | undefined> => {
      const found = await store.find(id);
      expect(found.length).toBeLessThan(2);
      return found[0];
    };

    it('finds a request by any of its ids, as it was put: bytes, order, systems, times', async () => {
      const request = requestOf();
      await store.put(request);

      for (const { value } of request.ids) {
        const found = await only(value);
        expect(found).toEqual({ ...request, replies: [] });
        expect(found?.bytes).toBeInstanceOf(Uint8Array);
      }
    });

    it('finds nothing under an id that no request has, nor under a part of one, nor in another case', async () => {
      await store.put(requestOf());

      expect(await store.find('')).toEqual([]);
      expect(await store.find(first.slice(0, 8))).toEqual([]);
      expect(await store.find('ORDER-7')).toEqual([]);
      expect(await store.find('order-%')).toEqual([]);
    });

    it('finds every request that an id belongs to', async () => {
      const shared = { source: 'Bundle.identifier', value: 'order-7', system: 'https://other.example.org' } as const;
      await store.put(requestOf());
      await store.put(requestOf({ key: second, ids: [{ source: 'MessageHeader.id', value: second }, shared] }));

      expect((await store.find('order-7')).map(({ key }) => key).sort()).toEqual([first, second]);
      expect((await only(second))?.ids[1]).toEqual(shared);
    });

    it('of a request that it has, adds the ids of the next attempt and takes the rest', async () => {
      await store.put(requestOf());
      const resent = requestOf({
        ids: [
          { source: 'MessageHeader.id', value: first },
          { source: 'Bundle.id', value: second },
        ],
        attempts: 2,
        sentAtMs: 1_500,
        deadlineMs: 2_500,
      });
      await store.put(resent);

      expect(await only(second)).toEqual({ ...resent, ids: [...requestOf().ids, { source: 'Bundle.id', value: second }], replies: [] });
      expect(await only('order-7')).toEqual(await only(second));
    });

    it('one id may stand in two places', async () => {
      const ids = [{ source: 'MessageHeader.id', value: first }, { source: 'Bundle.id', value: first }] as const;
      await store.put(requestOf({ ids }));

      expect((await only(first))?.ids).toEqual(ids);
    });

    it.each(['nul \u0000', 'quote " \\ \'', 'half a pair \ud83d', '🧾', 'x'.repeat(10_000)])('takes any string for an id, since what comes from outside is looked for: %j', async (value) => {
      await store.put(requestOf({ ids: [{ source: 'Bundle.identifier', value }] }));

      expect((await only(value))?.ids).toEqual([{ source: 'Bundle.identifier', value }]);
      expect(await store.settle(first, value)).toEqual([]);
      expect(await store.settle(first, 'b')).toEqual([value]);
    });

    it('keeps a request without destinations', async () => {
      await store.put(requestOf({ destinations: [] }));

      expect((await only(first))?.destinations).toEqual([]);
    });

    it('settle: the first reply sees none before it, each further one those before', async () => {
      await store.put(requestOf());

      expect(await store.settle(first, 'a')).toEqual([]);
      expect(await store.settle(first, 'b')).toEqual(['a']);
      expect(await store.settle(first, 'a')).toEqual(['a', 'b']);
      expect((await only(first))?.replies).toEqual(['a', 'b']);
    });

    it('settle: of many at once, one is the first, and every different reply is kept', async () => {
      await store.put(requestOf());
      const replies = Array.from({ length: 20 }, (_, index) => `reply-${index % 10}`);
      const earlier = await Promise.all(replies.map((reply) => store.settle(first, reply)));

      expect(earlier.filter((ids) => ids?.length === 0)).toHaveLength(1);
      expect([...((await only(first))?.replies ?? [])].sort()).toEqual([...new Set(replies)].sort());
    });

    it('settle: of a request that it does not have, nothing', async () => {
      await store.put(requestOf());

      expect(await store.settle(second, 'a')).toBeUndefined();
      expect((await only(first))?.replies).toEqual([]);
    });

    it('a request that is sent again stays answered', async () => {
      await store.put(requestOf());
      await store.settle(first, 'a');
      await store.put(requestOf({ attempts: 2 }));

      expect(await only(first)).toMatchObject({ attempts: 2, replies: ['a'] });
    });

    it('expire: forgets what was to be kept until before that time, answered or not, with all its ids', async () => {
      await store.put(requestOf({ keepUntilMs: 1_000 }));
      await store.settle(first, 'a');
      await store.put(requestOf({ key: second, ids: [{ source: 'Bundle.id', value: second }], keepUntilMs: 1_001 }));
      await store.expire(1_001);

      expect(await store.find(first)).toEqual([]);
      expect(await store.find('order-7')).toEqual([]);
      expect(await store.settle(first, 'b')).toBeUndefined();
      expect((await only(second))?.key).toBe(second);
    });

    it('a forgotten request that is put again is new', async () => {
      await store.put(requestOf({ keepUntilMs: 1_000 }));
      await store.settle(first, 'a');
      await store.expire(1_001);
      await store.put(requestOf({ ids: [{ source: 'Bundle.id', value: second }] }));

      expect(await only(second)).toMatchObject({ ids: [{ source: 'Bundle.id', value: second }], replies: [] });
    });

    it('what it hands out is no part of what it keeps', async () => {
      const request = requestOf();
      await store.put(request);
      const found = await only(first);
      await store.settle(first, 'a');

      expect(found?.replies).toEqual([]);
      expect((await only(first))?.bytes).toEqual(requestOf().bytes);
    });

    it('a durable store has everything in a new process', async ({ skip }) => {
      if (fixture.reopen === undefined) return skip('nothing outlives this store');
      await store.put(requestOf());
      await store.settle(first, 'a');
      store = await fixture.reopen();

      expect(await only('order-7')).toEqual({ ...requestOf(), replies: ['a'] });
      expect(await store.settle(first, 'b')).toEqual(['a']);
    });
  });
}
