import { aesGcm } from '@fhir-messaging/outbox';
import type { Seal } from '@fhir-messaging/core';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, reset } from '../exchange/loopback.ts';
import { benchOf, idOf, messageOf, receiverOf, serve } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

const newKey = async (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const sealOf = async (keyName = 'k1'): Promise<Seal> => aesGcm({ keyName, keys: { [keyName]: await newKey() } });
const utf8 = new TextDecoder();

describe('a sealed outbox', () => {
  it('stores no message and no reply that could be read, and reads both itself', async () => {
    bench = await benchOf([serve(receiverOf([]))], { seal: await sealOf() });
    const message = messageOf();
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const stored = await bench.store.get(id);

    expect(stored).toMatchObject({ content: { sealedWith: 'k1' }, reply: { sealedWith: 'k1' } });
    expect(JSON.stringify(stored) + utf8.decode(stored!.content.bytes) + utf8.decode(stored!.reply!.bytes)).not.toMatch(/Miller|MessageHeader/);
    expect((await bench.outbox.read(id))?.message?.bytes).toEqual(message.bytes);
    expect((await bench.outbox.read(id))?.reply?.graph.header?.resourceType).toBe('MessageHeader');
  });

  it('has messages in the order in which they were given to it, however long sealing each of them takes', async () => {
    const seal = await sealOf();
    let isFirst = true;
    const slow: Seal = {
      ...seal,
      async seal(bytes, context) {
        const turns = isFirst ? 20 : 0;
        isFirst = false;
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        return seal.seal(bytes, context);
      },
    };
    bench = await benchOf([], { seal: slow });
    const messages = [messageOf(), messageOf(), messageOf()];
    await Promise.all(messages.map((message) => bench!.outbox.enqueue(message)));

    expect((await bench.outbox.list()).entries.map(({ id }) => id)).toEqual(messages.map(idOf));
  });

  it('that could not be sealed keeps back no other', async () => {
    const seal = await sealOf();
    let isFirst = true;
    bench = await benchOf([], { seal: { ...seal, seal: (...given) => (isFirst ? ((isFirst = false), Promise.reject(new Error('The key is away.'))) : seal.seal(...given)) } });
    const enqueued = await Promise.allSettled([bench.outbox.enqueue(messageOf()), bench.outbox.enqueue(messageOf())]);

    expect(enqueued.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('needs a key of the name that it seals with: what every object has is none', async () => {
    const seal = await sealOf();
    for (const keyName of ['k1', 'toString']) expect(() => aesGcm({ keyName, keys: {} })).toThrow(TypeError);

    expect(await seal.open(new Uint8Array(40), 'toString', '')).toBeUndefined();
  });

  it('uses no nonce twice: the same message sealed twice is not the same', async () => {
    const seal = await sealOf();
    const bytes = new TextEncoder().encode('{}');

    expect(await seal.seal(bytes, 'c')).not.toEqual(await seal.seal(bytes, 'c'));
    expect(await seal.open(await seal.seal(bytes, 'c'), 'k1', 'c')).toEqual(bytes);
    await expect(seal.open(await seal.seal(bytes, 'c'), 'k1', 'another')).rejects.toThrow();
  });

  it('with a lost key: what was sealed with it is kept, told as locked, and hinders nothing else; it goes when the key is back', async () => {
    const [lost, found] = [await newKey(), await newKey()];
    bench = await benchOf([answer(204)], { seal: aesGcm({ keyName: 'lost', keys: { lost } }) });
    const [first, second] = [messageOf(), messageOf()];
    await bench.outbox.enqueue(first);
    const without = bench.another({ seal: aesGcm({ keyName: 'new', keys: { new: found } }) });
    await without.enqueue(second);
    await without.run();
    expect([await bench.stateOf(idOf(first), without), await bench.stateOf(idOf(second), without)]).toEqual([['waiting', 'locked'], ['replied', undefined]]);
    expect(await without.read(idOf(first))).toBeUndefined();

    bench.pass(60_000);
    const both = bench.another({ seal: aesGcm({ keyName: 'new', keys: { new: found, lost } }) });
    await both.run();
    expect(await bench.states(both)).toEqual(['replied', 'replied']);
  });

  it('with another key under the name of the one that it was sealed with: what it says cannot be read, and nothing fails', async () => {
    bench = await benchOf([answer(204)], { seal: aesGcm({ keyName: 'k', keys: { k: await newKey() } }) });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    const without = bench.another({ seal: aesGcm({ keyName: 'k', keys: { k: await newKey() } }) });

    expect(await without.read(idOf(message))).toBeUndefined();
    await expect(without.enqueue(message)).rejects.toMatchObject({ code: 'entry.duplicate' });
    expect(bench.server.requests).toEqual([]);
  });

  it('with a lost key: what may have arrived becomes a question once the other side may have forgotten it', async () => {
    bench = await benchOf([reset], { seal: await sealOf(), peer: { reliableCacheMinutes: 60 } });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const without = bench.another({ seal: aesGcm({ keyName: 'new', keys: { new: await newKey() } }) });
    bench.pass(5 * 60_000);
    await without.run();
    expect(await bench.stateOf(idOf(message), without)).toEqual(['waiting', 'locked']);
    bench.pass(60 * 60_000);
    await without.run();

    expect(await bench.stateOf(idOf(message), without)).toEqual(['uncertain', 'locked']);
    expect(await without.decide(idOf(message), 'processed')).toBe(true);
  });

  it('of which a row was moved to another entry, or torn: dead, told, and nothing of it sent', async () => {
    bench = await benchOf([answer(204)], { seal: await sealOf() });
    const [first, second] = [messageOf(), messageOf()];
    for (const message of [first, second]) await bench.outbox.enqueue(message);
    const [one, other] = [await bench.store.get(idOf(first)), await bench.store.get(idOf(second))];
    await bench.store.update(one!, { facts: one!.facts, isFinished: false, dueInMs: 0, content: other!.content });
    await bench.outbox.run();

    expect([await bench.stateOf(idOf(first)), await bench.stateOf(idOf(second))]).toEqual([['dead', 'content.unreadable'], ['replied', undefined]]);
    expect(bench.server.requests).toHaveLength(1);
  });

  it('needs the key that it seals with: a TypeError at once', () => {
    expect(() => aesGcm({ keyName: 'k', keys: {} })).toThrow(TypeError);
  });
});
