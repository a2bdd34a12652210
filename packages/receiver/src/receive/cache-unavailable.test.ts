import type { ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../cache/memory-cache.ts';
import { createReceiver } from '../create-receiver.ts';
import { admit, codes, counting, messageOf, replyOf, source } from '../../test/admissions.ts';

const fault = new Error('the database is gone');
const fails = (): Promise<never> => Promise.reject(fault);

describe('a cache that fails', () => {
  it.each(['lookUp', 'claim'] as const)('in %s: 503, nothing was begun, onError is told, and a resend is processed', async (name) => {
    const cache = { ...memoryCache() };
    vi.spyOn(cache, name).mockImplementationOnce(fails);
    const onError = vi.fn();
    const { receiver, runs } = counting({ cache, onError });
    const message = messageOf();
    const result = await receiver.process(message.bytes);

    expect([result.status, result.cacheState, codes(result), runs()]).toEqual([503, 'unavailable', ['transient cache.unavailable'], 0]);
    expect(JSON.stringify(result.issues)).not.toContain(fault.message);
    expect(onError.mock.calls).toEqual([[fault, expect.objectContaining({ event: { coding: admit.coding } })]]);
    expect([(await receiver.process(message.bytes)).status, runs()]).toEqual([200, 1]);
  });

  it('in takeOver: 503', async () => {
    const cache = memoryCache();
    const { receiver, runs } = counting({ cache: { ...cache, lookUp: async (key) => [{ key, digest, token: 't', fence: 1, isLeased: false, outcome: undefined }], takeOver: fails } });
    const message = messageOf();
    let digest = '';
    await counting({ cache: { ...cache, claim: (claim, ...rest) => ((digest = claim.digest), cache.claim(claim, ...rest)) } }).receiver.process(message.bytes);
    const result = await receiver.process(message.bytes);

    expect([result.status, codes(result), runs()]).toEqual([503, ['transient cache.unavailable'], 0]);
  });

  it('while a resend waits for its first message: lock-error, as that may be processed by then', async () => {
    const cache = memoryCache();
    let looks = 0;
    const waiting: ReliableCache = { ...cache, lookUp: (key) => ((looks += 1) < 3 ? cache.lookUp(key) : fails()) };
    let end = (): void => undefined;
    const running = new Promise<void>((resolve) => (end = resolve));
    const first = createReceiver({ source, cache: waiting }).on(admit, () => running);
    const message = messageOf();
    const processing = first.process(message.bytes);
    await vi.waitUntil(() => looks === 1);
    const result = await createReceiver({ source, cache: waiting, inFlight: { pollMs: 1 } }).on(admit, () => undefined).process(message.bytes);
    end();

    expect([result.status, result.cacheState, codes(result), (await processing).status]).toEqual([503, 'in-flight', ['lock-error cache.in-flight'], 200]);
  });

  it("is a transient-error where there is no status (errors: 'message')", async () => {
    const message = messageOf();
    const result = await counting({ cache: { ...memoryCache(), lookUp: fails } }).receiver.process(message.bytes, { errors: 'message' });

    expect([replyOf(result, message).code, result.cacheState]).toEqual(['transient-error', 'unavailable']);
  });

  it('after a handler ran, when the claim is given up: process rejects with it, since something was begun', async () => {
    const say = (): never => {
      throw new Error('inside');
    };

    await expect(counting({ cache: { ...memoryCache(), release: fails }, say }).receiver.process(messageOf().bytes)).rejects.toBe(fault);
  });
});
