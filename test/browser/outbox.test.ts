import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, killOnProfile, launchOnProfile } from './launch-chromium.ts';
import { startOutboxApp } from './outbox-app.ts';
import type { OutboxApp } from './outbox-app.ts';

const patience = { timeout: 30_000, interval: 50 };

describe.skipIf(!hasChromium())('an outbox in Chromium', () => {
  let profile: string;
  let app: OutboxApp;
  let browser: BrowserContext;

  beforeEach(async () => {
    profile = mkdtempSync(join(tmpdir(), 'outbox-'));
    app = await startOutboxApp();
    browser = await launchOnProfile(profile);
  });
  afterEach(async () => {
    await browser.close().catch(() => undefined);
    killOnProfile(profile);
    await app.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  async function open(search = '', base = app.url): Promise<Page> {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => expect.fail(error.message));
    await tab.goto(`${base}${search}`);
    await tab.waitForFunction('window.isReady');
    return tab;
  }
  const run = async <T>(tab: Page | Frame, call: string): Promise<T> => tab.evaluate<T>(`window.app.${call}`);
  const states = (tab: Page | Frame): Promise<string[]> => run(tab, 'states()');

  it('offline, the tab closed, the browser killed and started again on its profile, online: exactly one referral', async () => {
    const tab = await open('?tab=1');
    await browser.setOffline(true);
    expect(await run(tab, 'enqueue()')).toBe('queued');
    expect(await states(tab)).toEqual(['pending']);
    await tab.close();
    killOnProfile(profile);
    expect(app.arrivals).toEqual([]);

    browser = await launchOnProfile(profile);
    const after = await open('?tab=2');
    await expect.poll(() => states(after), patience).toEqual(['replied']);
    expect(app.processed).toHaveLength(1);
    expect(app.arrivals).toHaveLength(1);
  });

  it('killed the moment that a message counts as queued: it is there', async () => {
    const tab = await open('?idle');
    expect(await run(tab, 'enqueue(3)')).toBe('queued');
    killOnProfile(profile);

    browser = await launchOnProfile(profile);
    const after = await open();
    await expect.poll(() => states(after), patience).toEqual(['replied', 'replied', 'replied']);
    expect(app.processed).toHaveLength(3);
  });

  it.each<[peer: string, search: string, state: string, arrivals: number]>([
    ['is known to recognise it: sent again, processed once', '?cache', 'replied', 2],
    ['is not: uncertain, sent once', '?', 'uncertain', 1],
  ])('reloaded while sending, when the peer %s', async (_, search, state, arrivals) => {
    app.answers = 'kept';
    const tab = await open(search);
    await run(tab, 'enqueue()');
    await expect.poll(() => app.processed.length, patience).toBe(1);
    app.answers = 'given';
    await tab.reload();
    await tab.waitForFunction('window.isReady');

    await expect.poll(() => states(tab), patience).toEqual([state]);
    expect(app.processed).toHaveLength(1);
    expect(app.arrivals).toHaveLength(arrivals);
  });

  it('two tabs: one sends at a time, each message once, and both see it', async () => {
    const [first, second] = [await open('?tab=1'), await open('?tab=2')];
    await Promise.all([run(first, 'enqueue(10)'), run(second, 'enqueue(10)')]);
    const all = Array.from({ length: 20 }, () => 'replied');
    await expect.poll(() => states(first), patience).toEqual(all);

    expect(await states(second)).toEqual(all);
    expect(new Set(app.processed).size).toBe(20);
    expect(app.arrivals).toHaveLength(20);
    const overlaps = app.arrivals.filter((a) => app.arrivals.some((b) => a.tab !== b.tab && a.beganAt < b.beganAt && b.beganAt < (a.endedAt ?? Infinity)));
    expect(overlaps).toEqual([]);
  });

  it('a tab that is frozen in mid-send: its lease passes on, and when it thaws it changes nothing', async () => {
    app.answers = 'kept';
    const frozen = await open('?cache&tab=1');
    await run(frozen, 'enqueue()');
    await expect.poll(() => app.processed.length, patience).toBe(1);
    const session = await browser.newCDPSession(frozen);
    // Nothing of it runs from then on, the timer that renews its lease not either; the lock stays with it.
    await session.send('Debugger.enable');
    const isFrozen = new Promise((resolve) => void session.once('Debugger.paused', resolve));
    await run(frozen, 'freeze()');
    await isFrozen;
    app.answers = 'given';
    const other = await open('?cache&tab=2');
    await expect.poll(() => states(other), patience).toEqual(['replied']);

    await session.send('Debugger.resume');
    await expect.poll(() => states(frozen), patience).toEqual(['replied']);
    expect(app.processed).toHaveLength(1);
    expect(app.arrivals.map(({ tab }) => tab)).toEqual(['1', '2']);
  });

  it('another user signs in: nothing of the first one’s is sent or shown; it goes when that one is back', async () => {
    const theirs = await open('?idle&user=Practitioner/1');
    await run(theirs, 'enqueue()');
    await theirs.close();
    const ours = await open('?user=Practitioner/2');
    await run(ours, 'enqueue()');
    await expect.poll(() => states(ours), patience).toEqual(['replied']);

    expect(await run(ours, 'list()')).toMatchObject({ entries: [{ state: 'replied' }], ofOthers: 1 });
    expect(app.processed).toHaveLength(1);
    const back = await open('?user=Practitioner/1');
    await expect.poll(() => states(back), patience).toEqual(['replied']);
    expect(app.processed).toHaveLength(2);
  });

  describe('in a frame', () => {
    /** The app in the frame of an EHR on another site. */
    async function inFrame(search: string, more = ''): Promise<Frame> {
      const ehr = await browser.newPage();
      const address = app.url.replace('127.0.0.1', 'localhost');
      await ehr.goto(`${address}ehr?frame=${encodeURIComponent(app.url + search)}${more}`);
      const frame = ehr.frame('app');
      if (frame === null) throw new Error('there is no frame');
      await frame.waitForFunction('window.isReady');
      return frame;
    }

    it('of another site: partitioned; what was queued there is found and sent there, and only there', async () => {
      const frame = await inFrame('?idle');
      expect(await run(frame, 'durability()')).toBe('partitioned');
      expect(await run(frame, 'enqueue()')).toBe('queued');
      await frame.page().close();

      const alone = await open();
      expect(await run(alone, 'durability()')).toBe('durable');
      expect(await run(alone, 'list()')).toEqual({ entries: [], ofOthers: 0, unreadable: [] });
      const again = await inFrame('');
      await expect.poll(() => states(again), patience).toEqual(['replied']);
      expect(app.processed).toHaveLength(1);
    });

    it('that may store nothing: nothing is promised', async () => {
      const frame = await inFrame('?idle', '&sandbox');

      expect(await run(frame, 'durability()')).toBe('none');
      expect(await run(frame, 'enqueue()')).toMatch(/^storage\.unavailable: /);
    });
  });

  it('1,000 queued messages go out in slices, with progress', async () => {
    const tab = await open('?idle');
    await run(tab, 'enqueue(1000)');
    const { perFrame, progress, states: ends } = await run<{ perFrame: number[]; progress: number[]; states: string[] }>(tab, 'drain()');

    expect(ends.filter((state) => state === 'replied')).toHaveLength(1000);
    expect(new Set(app.processed).size).toBe(1000);
    console.info(`1,000 messages over ${perFrame.length} frames, at most ${Math.max(...perFrame)} between two; ${progress.length} times told of progress`);
    expect(Math.max(...perFrame)).toBeLessThanOrEqual(16);
    expect(perFrame.filter((count) => count > 0).length).toBeGreaterThan(20);
    expect(new Set(progress).size).toBeGreaterThan(10);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
  }, 180_000);

  describe('the files of the profile', () => {
    const name = 'Zwetschgenknödelhuber';

    function holds(folder: string): boolean {
      const forms = [Buffer.from(name, 'utf8'), Buffer.from(name, 'utf16le'), Buffer.from('Zwetschgenkn'), Buffer.from('Zwetschgenkn', 'utf16le')];
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((file) => {
        const path = join(folder, file);
        try {
          const bytes = statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
          return forms.some((form) => bytes.includes(form));
        } catch {
          // A socket, or gone already.
          return false;
        }
      });
    }

    it.each<[says: string, search: string, found: boolean]>([
      ['hold the name of a patient where messages are not sealed', '?idle', true],
      ['hold it nowhere where they are', '?idle&sealed', false],
    ])('%s', async (_, search, found) => {
      const tab = await open(search);
      await run(tab, `enqueue(1, '${name}')`);
      await run(tab, 'outbox.run()');
      await run(tab, `enqueue(1, '${name}')`);
      expect(await states(tab)).toEqual(['replied', 'pending']);
      await browser.close();

      expect(holds(profile)).toBe(found);
    });
  });

  it('a full disk: what cannot be kept is not promised, and what was goes out', async () => {
    // Sealed, since Chromium compresses what it stores.
    const tab = await open('?idle&sealed&quota=1000000');
    expect(await run(tab, 'enqueue()')).toBe('queued');
    expect(await run(tab, `enqueue(1, 'x'.repeat(5_000_000))`)).toBe('storage.unavailable: IndexedDB cannot keep it: the storage is full.');

    await run(tab, 'outbox.run()');
    expect(await states(tab)).toEqual(['replied']);
  });
});
