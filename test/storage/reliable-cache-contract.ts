import type { CacheClaim, CachedOutcome, CacheKey, CacheRecord, Custody, ReliableCache } from '@fhir-messaging/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A cache with nothing in it, which remembers for 60 minutes and leases for 30 seconds. */
export interface CacheUnderTest<TTransaction> {
  readonly cache: ReliableCache<TTransaction>;
  /** What another process has: a cache of its own on the same database. */
  readonly elsewhere: ReliableCache<TTransaction>;
  /** Lets time pass by the cache's clock. */
  pass(ms: number): void | Promise<void>;
  /** An effect of a handler, where the cache has transactions. */
  readonly effects?: {
    write(transaction: TTransaction, text: string): void | Promise<void>;
    /** Writes what the database refuses. */
    fail(transaction: TTransaction): void | Promise<void>;
    all(): string[] | Promise<string[]>;
  };
  stop(): void | Promise<void>;
}

const leaseMs = 30_000;
const minute = 60_000;
/** What a busy machine may take between two steps of a test: databases have clocks of their own. */
const margin = 10_000;

const key = (message: string, envelope?: string, sender = 's'): CacheKey => ({ sender, message, envelope });
const claimOf = (token: string, of: CacheKey = key(token)): CacheClaim => ({ key: of, digest: 'd', token, fence: 1 });
const outcome: CachedOutcome = { status: 200, reply: new TextEncoder().encode('{"é":1.50}'), issues: [{ severity: 'warning', code: 'informational', rule: 'r', expression: ['a.b'] }] };
const withoutReply: CachedOutcome = { status: 204, reply: undefined, issues: [] };
const custody: Custody = { bytes: new TextEncoder().encode('{"message":"ü"}'), replyTo: 'https://app.example.org/fhir', sender: 'app', expiresAfterMs: 10 * minute };

/** What every reliable cache does, whatever it keeps its records in. */
export function reliableCacheContract<TTransaction>(name: string, open: () => CacheUnderTest<TTransaction> | Promise<CacheUnderTest<TTransaction>>, isDatabase: boolean): void {
  describe(`${name} keeps the contract of a ReliableCache`, () => {
    let under: CacheUnderTest<TTransaction>;
    let cache: ReliableCache<TTransaction>;
    let elsewhere: ReliableCache<TTransaction>;
    beforeEach(async () => {
      under = await open();
      ({ cache, elsewhere } = under);
    });
    afterEach(() => under.stop());

    const remember = async (token: string, of?: CacheKey): Promise<void> => {
      const claim = claimOf(token, of);
      expect(await cache.claim(claim, await cache.lookUp(claim.key))).toBe(true);
      expect(await cache.begin(claim).commit(outcome)).toBe(true);
    };
    const tokens = async (of: CacheKey): Promise<string[]> => (await cache.lookUp(of)).map(({ token }) => token);
    const recordOf = async (of: CacheKey): Promise<CacheRecord> => {
      const [record] = await cache.lookUp(of);
      if (!record) throw new Error('nothing is known of it');
      return record;
    };

    it('says how long it remembers and leases', () => {
      expect(cache).toMatchObject({ minutes: 60, leaseMs });
    });

    describe('what is known', () => {
      it('a claim while it runs, and its outcome to the byte when it is complete', async () => {
        const claim = claimOf('t', key('m', 'e'));

        expect(await cache.lookUp(claim.key)).toEqual([]);
        expect(await cache.claim(claim, [])).toBe(true);
        expect(await elsewhere.lookUp(claim.key)).toEqual([{ ...claim, isLeased: true, outcome: undefined }]);
        expect(await cache.begin(claim).commit(outcome)).toBe(true);
        expect(await elsewhere.lookUp(claim.key)).toEqual([{ ...claim, isLeased: true, outcome }]);
      });

      it('an outcome without a reply', async () => {
        await cache.claim(claimOf('t'), []);
        await cache.begin(claimOf('t')).commit(withoutReply);

        expect((await recordOf(key('t'))).outcome).toEqual(withoutReply);
      });

      it('by the message id first, then by the envelope id, the oldest first, of the same sender only', async () => {
        await remember('t1', key('m1', 'e1'));
        await remember('t2', key('m1', 'e2'));
        await remember('t3', key('m2', 'e3'));

        expect(await tokens(key('m1', 'e9'))).toEqual(['t1', 't2']);
        expect(await tokens(key('m9', 'e3'))).toEqual(['t3']);
        expect(await tokens(key('m1', 'e3'))).toEqual(['t1', 't2', 't3']);
        expect(await tokens(key('m1', 'e1', 'other'))).toEqual([]);
      });

      it('no envelope is not the envelope of that name, a message id no envelope id', async () => {
        await remember('t1', key('m1'));
        await remember('t2', key('x', 'm1'));

        expect(await tokens(key('m1'))).toEqual(['t1']);
        expect(await tokens(key('m9', 'undefined'))).toEqual([]);
      });

      it('for as long as it says, from when it was complete', async () => {
        await cache.claim(claimOf('t'), []);
        await under.pass(50 * minute);
        await cache.begin(claimOf('t')).commit(outcome);

        await under.pass(59 * minute);
        expect(await tokens(key('t'))).toEqual(['t']);
        await under.pass(minute);
        expect(await tokens(key('t'))).toEqual([]);
        expect(await cache.claim(claimOf('t2', key('t')), [])).toBe(true);
      });
    });

    describe('claims', () => {
      it('gives one of many that saw the same, here and elsewhere', async () => {
        const seen = await cache.lookUp(key('m', 'e1'));
        const taken = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? cache : elsewhere).claim(claimOf(`t${index}`, key('m', 'e1')), seen)));

        expect(taken.filter(Boolean)).toHaveLength(1);
        expect(await cache.lookUp(key('m', 'e1'))).toHaveLength(1);
      });

      it('gives none where the message came in another envelope meanwhile, or the envelope with another message', async () => {
        const seen = await cache.lookUp(key('m', 'e1'));

        expect(await elsewhere.claim(claimOf('t1', key('m', 'e1')), seen)).toBe(true);
        expect(await cache.claim(claimOf('t2', key('m', 'e2')), seen)).toBe(false);
        expect(await cache.claim(claimOf('t3', key('m2', 'e1')), seen)).toBe(false);
        expect(await cache.claim(claimOf('t4', key('m', 'e1', 'other')), seen)).toBe(true);
        expect(await tokens(key('m', 'e1'))).toEqual(['t1']);
      });

      it('gives one that was decided on in the knowledge of the others, also where transmissions have no name', async () => {
        await remember('t1', key('m', 'e1'));
        expect(await cache.claim(claimOf('t2', key('m', 'e2')), await cache.lookUp(key('m', 'e2')))).toBe(true);

        await remember('t3', key('n'));
        const seen = await cache.lookUp(key('n'));
        expect(await cache.claim(claimOf('t4', key('n')), seen)).toBe(true);
        expect(await elsewhere.claim(claimOf('t5', key('n')), seen)).toBe(false);
      });

      it('forgets one that is released, so that a resend is processed', async () => {
        await cache.claim(claimOf('t', key('m', 'e')), []);
        await cache.release(claimOf('t', key('m', 'e')));

        expect(await cache.lookUp(key('m', 'e'))).toEqual([]);
        expect(await elsewhere.claim(claimOf('t2', key('m', 'e')), [])).toBe(true);
      });

      it('keeps an outcome, released or not', async () => {
        await remember('t');
        await cache.release(claimOf('t'));

        expect((await recordOf(key('t'))).outcome).toEqual(outcome);
        expect(await cache.begin(claimOf('t')).commit(withoutReply)).toBe(false);
        expect((await recordOf(key('t'))).outcome).toEqual(outcome);
      });
    });

    describe('leases', () => {
      it('run out unless they are renewed', async () => {
        await cache.claim(claimOf('t'), []);
        await under.pass(leaseMs - margin);
        expect(await cache.renew(claimOf('t'))).toBe(true);
        await under.pass(leaseMs - margin);
        expect((await recordOf(key('t'))).isLeased).toBe(true);
        await under.pass(margin);
        expect((await recordOf(key('t'))).isLeased).toBe(false);
      });

      it('that run are not taken over', async () => {
        await cache.claim(claimOf('t'), []);

        expect(await elsewhere.takeOver(await recordOf(key('t')))).toBeUndefined();
      });

      it('run out, one of many takes over, under a higher fencing token', async () => {
        await cache.claim(claimOf('t'), []);
        await under.pass(leaseMs);
        const record = await recordOf(key('t'));
        const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? cache : elsewhere).takeOver(record)));

        expect(claims.filter(Boolean)).toEqual([{ ...claimOf('t'), fence: 2 }]);
        expect(await recordOf(key('t'))).toMatchObject({ token: 't', fence: 2, isLeased: true });
      });

      it('lost, nothing under the older fencing token counts any more', async () => {
        await cache.claim(claimOf('t'), []);
        await under.pass(leaseMs);
        const second = await elsewhere.takeOver(await recordOf(key('t')));

        expect(await cache.renew(claimOf('t'))).toBe(false);
        expect(await cache.begin(claimOf('t')).commit(withoutReply)).toBe(false);
        await cache.release(claimOf('t'));
        expect(await cache.delivered(claimOf('t'))).toBe(false);
        expect(await recordOf(key('t'))).toMatchObject({ fence: 2, outcome: undefined });
        expect(await elsewhere.begin(second!).commit(outcome)).toBe(true);
        expect((await recordOf(key('t'))).outcome).toEqual(outcome);
      });

      it('run out, but taken over by nobody, are still good for the outcome', async () => {
        await cache.claim(claimOf('t'), []);
        await under.pass(2 * leaseMs);

        expect(await cache.begin(claimOf('t')).commit(outcome)).toBe(true);
      });

      it('of what is done are not taken over', async () => {
        await remember('t');
        await under.pass(leaseMs);

        expect(await cache.takeOver(await recordOf(key('t')))).toBeUndefined();
      });
    });

    describe('custody', () => {
      const accept = async (token: string): Promise<CacheClaim> => {
        expect(await cache.claim(claimOf(token), [], custody)).toBe(true);
        return claimOf(token);
      };
      const unfinished = async (): Promise<string[]> => (await elsewhere.unfinished()).map(({ token }) => token);

      it('stores message, sender and reply address with the claim, for another process once the lease has run out', async () => {
        const claim = await accept('t');
        expect(await unfinished()).toEqual([]);
        await under.pass(leaseMs);

        const [record] = await elsewhere.unfinished();
        expect(record).toMatchObject({ ...claim, isLeased: false, outcome: undefined, custody: { bytes: custody.bytes, replyTo: custody.replyTo, sender: 'app' } });
        expect(record!.custody.expiresAfterMs).toBeGreaterThan(9 * minute);
        expect(record!.custody.expiresAfterMs).toBeLessThanOrEqual(10 * minute - leaseMs);
      });

      it('a sender may have no name', async () => {
        await cache.claim(claimOf('t'), [], { ...custody, sender: undefined });
        await under.pass(leaseMs);

        expect((await cache.unfinished())[0]!.custody.sender).toBeUndefined();
      });

      it('is not for what nobody accepted', async () => {
        await cache.claim(claimOf('t'), []);
        await remember('t2');
        await under.pass(leaseMs);

        expect(await unfinished()).toEqual([]);
      });

      it('goes on after the outcome, its lease anew, until the reply is delivered', async () => {
        const claim = await accept('t');
        await under.pass(leaseMs - margin);
        await cache.begin(claim).commit(outcome);
        await under.pass(margin);
        expect(await unfinished()).toEqual([]);
        await under.pass(leaseMs);
        const [record] = await elsewhere.unfinished();
        expect(record!.outcome).toEqual(outcome);

        const second = await elsewhere.takeOver(record!);
        expect(second).toEqual({ ...claim, fence: 2 });
        expect(await unfinished()).toEqual([]);
        expect(await cache.delivered(claim)).toBe(false);
        expect(await elsewhere.delivered(second!)).toBe(true);
        await under.pass(leaseMs);
        expect(await unfinished()).toEqual([]);
        expect((await recordOf(claim.key)).outcome).toEqual(outcome);
        expect(await cache.takeOver(await recordOf(claim.key))).toBeUndefined();
      });

      it('given up, may be taken over at once: what was accepted is not forgotten', async () => {
        const claim = await accept('t');
        await cache.release(claim);
        expect(await unfinished()).toEqual(['t']);

        const second = await elsewhere.takeOver((await elsewhere.unfinished())[0]!);
        expect(await elsewhere.begin(second!).commit(outcome)).toBe(true);
        await elsewhere.release(second!);
        expect(await unfinished()).toEqual(['t']);
      });

      it('of what was processed does not end unseen either: past its time it is given still, and its outcome is known, until somebody ends it', async () => {
        const claim = await accept('t');
        await under.pass(5 * minute);
        await cache.begin(claim).commit(outcome);
        await under.pass(100 * minute);

        const [record] = await elsewhere.unfinished();
        expect(record).toMatchObject({ token: 't', outcome });
        expect(record!.custody.expiresAfterMs).toBeLessThanOrEqual(0);
        expect((await recordOf(claim.key)).outcome).toEqual(outcome);
        const second = await elsewhere.takeOver(record!);
        expect(await elsewhere.delivered(second!)).toBe(true);
        await elsewhere.release(second!);
        expect(await unfinished()).toEqual([]);
        expect((await recordOf(claim.key)).outcome).toEqual(outcome);
      });

      it('of what was never processed does not end unseen: past its time it is given still, and known to a resend, until somebody ends it', async () => {
        await remember('other');
        await accept('t');
        await under.pass(100 * minute);
        // Makes room.
        expect(await tokens(key('other'))).toEqual([]);
        const [record] = await elsewhere.unfinished();
        expect(record).toMatchObject({ token: 't', isLeased: false, outcome: undefined });
        expect(record!.custody.expiresAfterMs).toBeLessThanOrEqual(0);
        expect(await tokens(key('t'))).toEqual(['t']);

        const second = await elsewhere.takeOver(record!);
        expect(await elsewhere.delivered(second!)).toBe(true);
        await elsewhere.release(second!);
        expect(await unfinished()).toEqual([]);
        expect(await tokens(key('t'))).toEqual([]);
        expect(await cache.claim(claimOf('t3', key('t')), [])).toBe(true);
      });

      it.runIf(isDatabase)('that nobody takes up is not kept for ever: it goes with what has expired, as long after its own time as outcomes are remembered', async () => {
        const claim = await accept('processed');
        await cache.begin(claim).commit(outcome);
        await accept('left');
        for (const [token, left] of [['before', ['left', 'processed']], ['after', []]] as const) {
          await remember(token);
          await under.pass(61 * minute);
          // Makes room.
          expect(await tokens(key(token))).toEqual([]);
          expect((await unfinished()).sort()).toEqual(left);
        }
      });

      it('past its time is no reason not to process what is sent again', async () => {
        await accept('t');
        await under.pass(180 * minute);
        const second = await elsewhere.takeOver(await recordOf(key('t')));
        expect(await elsewhere.begin(second!).commit(outcome)).toBe(true);
        await under.pass(leaseMs);

        expect((await recordOf(key('t'))).outcome).toEqual(outcome);
      });

      it('is given those left longest first, at most 100 at a time', async () => {
        for (let n = 0; n < 101; n += 1) {
          await accept(`t${n}`);
          if (n === 0) await under.pass(10);
        }
        await under.pass(leaseMs);
        const first = await unfinished();

        expect(first).toHaveLength(100);
        expect(first[0]).toBe('t0');
      });
    });

    if (!isDatabase) return;
    describe('transactions', () => {
      const effectsOf = (): NonNullable<CacheUnderTest<TTransaction>['effects']> => {
        if (!under.effects) throw new Error('a database has transactions');
        return under.effects;
      };

      it('commit the effect with the outcome', async () => {
        await cache.claim(claimOf('t'), []);
        const work = cache.begin(claimOf('t'));
        await effectsOf().write(work.transaction, 'one');
        await effectsOf().write(work.transaction, 'two');
        expect(await effectsOf().all()).toEqual([]);
        expect((await elsewhere.lookUp(key('t')))[0]!.outcome).toBeUndefined();

        expect(await work.commit(outcome)).toBe(true);
        expect(await effectsOf().all()).toEqual(['one', 'two']);
        expect((await elsewhere.lookUp(key('t')))[0]!.outcome).toEqual(outcome);
      });

      it('undo the effect where they are rolled back; the claim stays', async () => {
        await cache.claim(claimOf('t'), []);
        const work = cache.begin(claimOf('t'));
        await effectsOf().write(work.transaction, 'one');
        await work.rollback();

        expect(await effectsOf().all()).toEqual([]);
        expect(await tokens(key('t'))).toEqual(['t']);
        await expect((async () => effectsOf().write(work.transaction, 'late'))()).rejects.toMatchObject({ code: 'closed' });
      });

      it('undo the effect where the claim was lost', async () => {
        await cache.claim(claimOf('t'), []);
        const work = cache.begin(claimOf('t'));
        await effectsOf().write(work.transaction, 'lost');
        await under.pass(leaseMs);
        const second = await elsewhere.takeOver(await recordOf(key('t')));

        expect(await work.commit(withoutReply)).toBe(false);
        expect(await effectsOf().all()).toEqual([]);
        const other = elsewhere.begin(second!);
        await effectsOf().write(other.transaction, 'kept');
        expect(await other.commit(outcome)).toBe(true);
        expect(await effectsOf().all()).toEqual(['kept']);
      });

      it('store nothing where the effect fails, and a resend is processed', async () => {
        await cache.claim(claimOf('t'), []);
        const work = cache.begin(claimOf('t'));
        await effectsOf().write(work.transaction, 'one');
        await expect((async () => {
          await effectsOf().fail(work.transaction);
          await work.commit(outcome);
        })()).rejects.toThrow();
        await work.rollback();
        await cache.release(claimOf('t'));

        expect(await effectsOf().all()).toEqual([]);
        expect(await elsewhere.claim(claimOf('t2', key('t')), [])).toBe(true);
      });
    });
  });
}
