import { createReply, memoryPendingStore } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { afterEach, describe, expect, it } from 'vitest';
import { answer } from '../exchange/loopback.ts';
import { benchOf, idOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

const day = 86_400_000;

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

const replyTo = (message: Message, code: 'ok' | 'fatal-error' = 'ok'): Uint8Array => createReply(message, { code, source: 'https://b.example.org' }).bytes;

describe('a reply that comes later', () => {
  it('settles its entry in the process that sent it, by whichever accept', async () => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const [one, other] = [messageOf(), messageOf()];
    for (const message of [one, other]) await bench.outbox.enqueue(message);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['accepted', 'accepted']);
    expect((await bench.outbox.accept(replyTo(one))).kind).toBe('settled');
    expect((await bench.outbox.accept(replyTo(other, 'fatal-error'))).kind).toBe('settled');

    expect(await bench.states()).toEqual(['replied', 'rejected']);
    expect((await bench.outbox.read(idOf(one)))?.reply?.graph.header?.response?.code).toBe('ok');
  });

  it('settles it in another process, which finds the request in the messenger’s pending store', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(202)], {}, { pending });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.close();
    const next = bench.another({}, { pending });

    expect((await next.accept(replyTo(message))).kind).toBe('settled');
    expect(await bench.states(next)).toEqual(['replied']);
    expect((await next.accept(replyTo(message))).kind).toBe('repeated');
    expect(await bench.states(next)).toEqual(['replied']);
  });

  it('settles it when its handling broke off after the messenger took it: told again, as repeated, it is not lost', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(202)], {}, { pending });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await pending.settle(idOf(message), 'a reply');

    expect((await bench.outbox.accept(replyTo(message))).kind).toBe('repeated');
    expect(await bench.states()).toEqual(['replied']);
  });

  it('that does not come in time leaves it overdue, never sent again; one that comes then still settles it', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(202)], {}, { pending });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    bench.pass(day);
    await bench.outbox.run();
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['overdue']);
    expect(bench.server.requests).toHaveLength(1);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.states()).toEqual(['replied']);
  });

  it('settles one that was uncertain: the answer is the answer, whatever the connection did', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(500)], {}, { pending });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['uncertain']);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.states()).toEqual(['replied']);
  });

  it.each([
    ['ok', 'replied', undefined],
    ['fatal-error', 'rejected', 'fatal-error'],
  ] as const)('is the answer to what a person decided without one, also where it says otherwise: %s', async (code, state, reason) => {
    bench = await benchOf([answer(500)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.decide(id, 'processed');
    expect(await bench.stateOf(id)).toEqual(['replied', 'decided']);

    await bench.outbox.accept(replyTo(message, code));
    expect(await bench.stateOf(id)).toEqual([state, reason]);
    expect((await bench.outbox.read(id))?.reply?.graph.header?.response?.code).toBe(code);
  });

  it('is the answer to what a status refused, which was none from the one that replies', async () => {
    bench = await benchOf([answer(422)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    expect(await bench.stateOf(id)).toEqual(['rejected', 'http.422']);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.stateOf(id)).toEqual(['replied', undefined]);
    expect((await bench.outbox.read(id))?.reply?.graph.header?.response?.code).toBe('ok');
  });

  it('is the first one of two: what says something else later changes nothing', async () => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.accept(replyTo(message));
    await bench.outbox.accept(replyTo(message, 'fatal-error'));

    expect(await bench.states()).toEqual(['replied']);
    expect((await bench.outbox.read(idOf(message)))?.reply?.graph.header?.response?.code).toBe('ok');
  });

  it('to a message that nobody here knows changes nothing', async () => {
    bench = await benchOf([answer(202)], { identity: netsmart });
    await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();

    expect((await bench.outbox.accept(replyTo(messageOf()))).kind).toBe('unknown');
    expect(await bench.states()).toEqual(['accepted']);
  });

  it('lets a follow-up go that waited for it', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(202), answer(204)], {}, { pending });
    const [message, next] = [messageOf(), messageOf()];
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.enqueue(next, { after: id });
    await bench.outbox.run();
    expect(await bench.stateOf(idOf(next))).toEqual(['pending', 'predecessor.accepted']);

    await bench.outbox.accept(replyTo(message));
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['replied', 'replied']);
  });
});
