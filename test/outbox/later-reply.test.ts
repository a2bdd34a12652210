import { bars, createMessage, createMessenger, createReply, memoryPendingStore, MessagingError, processMessageTransport } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { memoryOutboxStore } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { account, admission, benchOf, idOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

const day = 86_400_000;

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

const replyTo = (message: Message, code: 'ok' | 'fatal-error' | 'transient-error' = 'ok'): Uint8Array => createReply(message, { code, source: 'https://b.example.org' }).bytes;
/** A reply that quotes the id of its request's header, in R5 too. */
function quotingHeader(request: Message): Uint8Array {
  const text = new TextDecoder().decode(replyTo(request));
  return new TextEncoder().encode(text.replace(JSON.stringify(request.identity.message), JSON.stringify(request.graph.header?.id)));
}

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

  it('settles the entry of its own request alone, where another message has the number that its envelope has', async () => {
    let isOnline = true;
    bench = await benchOf([answer(202)], { isOnline: () => isOnline }, { pending: memoryPendingStore() });
    const numbered = (...numbers: string[]): Message => {
      const ids = [crypto.randomUUID(), ...numbers];
      return messageOf('consequence', { newId: () => ids.shift() ?? crypto.randomUUID() });
    };
    const [one, next] = [numbered('1', '2'), numbered('2', '3')];
    await bench.outbox.enqueue(one);
    await bench.outbox.run();
    isOnline = false;
    await bench.outbox.enqueue(next);
    expect([idOf(one), idOf(next), one.bundle.id]).toEqual(['1', '2', '2']);

    expect((await bench.outbox.accept(replyTo(one))).kind).toBe('settled');
    expect(await bench.states()).toEqual(['replied', 'pending']);
  });

  it('that the messenger took while the storage was away is stored when that is back', async () => {
    const own = memoryOutboxStore();
    let isAway = false;
    const away = (): Promise<never> => Promise.reject(new MessagingError('storage.unavailable', 'The database is away.'));
    bench = await benchOf([answer(202)], { store: { ...own, update: (...change) => (isAway ? away() : own.update(...change)) } });
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: bench.server.url }), source, pending: memoryPendingStore() });
    const outbox = bench.another({ messenger });
    const message = messageOf();
    await outbox.enqueue(message);
    await outbox.run();
    isAway = true;
    expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
    await outbox.run();
    await outbox.run();
    isAway = false;
    await outbox.run();

    expect(await bench.states(outbox)).toEqual(['replied']);
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

  it('settles in another process what is larger than is read of others: its size was for whoever sent it to judge', async () => {
    const pending = memoryPendingStore();
    const transport: Transport = () => Promise.resolve({ status: 202, body: undefined });
    bench = await benchOf([], {}, { pending, transport });
    const message = createMessage(admission(), { Patient: { resourceType: 'Patient', photo: [{ data: 'A'.repeat(50_000_001) }] } }, { source });
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const next = bench.another({}, { pending, transport });

    expect((await next.accept(replyTo(message))).kind).toBe('settled');
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
    bench.pass(day - 1000);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['accepted']);
    bench.pass(1000);
    await bench.outbox.run();
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['overdue']);
    expect(bench.server.requests).toHaveLength(1);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.states()).toEqual(['replied']);
  });

  it('that a duplicate is owed (BaRS: 409) and that does not come leaves it overdue: what follows it does not wait unseen', async () => {
    const duplicate = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'duplicate' }] });
    bench = await benchOf([answer(409, duplicate)], {}, { identity: bars });
    const { id } = await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();
    expect(await bench.stateOf(id)).toEqual(['accepted', 'duplicate']);
    bench.pass(day);
    await bench.outbox.run();

    expect(await bench.stateOf(id)).toEqual(['overdue', 'duplicate']);
    expect(bench.server.requests).toHaveLength(1);
  });

  it('and is overdue is what a person decides, who may know; what follows is blocked until then', async () => {
    bench = await benchOf([answer(202), answer(204)], {}, { pending: memoryPendingStore() });
    const [message, next] = [messageOf(), messageOf()];
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.enqueue(next, { after: id });
    await bench.outbox.run();
    bench.pass(day);
    await bench.outbox.run();
    expect(await bench.stateOf(idOf(next))).toEqual(['blocked', 'predecessor.overdue']);
    bench.pass(day);
    await bench.outbox.run();
    expect(await bench.stateOf(idOf(next))).toEqual(['blocked', 'predecessor.overdue']);

    expect(await bench.outbox.decide(id, 'processed')).toBe(true);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['replied', 'replied']);
    expect(bench.server.requests).toHaveLength(2);
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

  it('is one that comes after a transient-error, which asks for patience and is no end', async () => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    const id = idOf(message);
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const patience = replyTo(message, 'transient-error');
    await bench.outbox.accept(patience);
    expect(await bench.stateOf(id)).toEqual(['rejected', 'transient-error']);
    await bench.outbox.accept(patience);
    expect(await bench.stateOf(id)).toEqual(['rejected', 'transient-error']);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.stateOf(id)).toEqual(['replied', undefined]);
    await bench.outbox.accept(patience);
    expect((await bench.outbox.read(id))?.reply?.graph.header?.response?.code).toBe('ok');
  });

  it('and was set aside by a retry does not take the place of the next one when it is delivered once more', async () => {
    let release = (): void => undefined;
    const held: Step = async (_, outgoing) => {
      await new Promise<void>((resolve) => void (release = resolve));
      outgoing.writeHead(200).end(replyTo(message));
    };
    bench = await benchOf([answer(202), held], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const refusal = replyTo(message, 'fatal-error');
    await bench.outbox.accept(refusal);
    expect(await bench.states()).toEqual(['rejected']);
    await bench.outbox.retry(idOf(message));
    const running = bench.outbox.run();
    await expect.poll(() => bench!.states()).toEqual(['sending']);

    expect((await bench.outbox.accept(refusal)).kind).toBe('repeated');
    expect(await bench.states()).toEqual(['sending']);
    await expect.poll(() => bench!.server.requests).toHaveLength(2);
    release();
    await running;
    expect(await bench.states()).toEqual(['replied']);
  });

  it.each(['fatal-error', 'transient-error'] as const)('and comes once more during a retry says nothing of that: it is a question after a 500, which its own reply answers (%s)', async (code) => {
    const message = messageOf();
    const before = replyTo(message, code);
    const statuses = [202, 500];
    const transport: Transport = async () => {
      const status = statuses.shift() ?? 204;
      if (status === 500) expect((await bench!.outbox.accept(before)).kind).toBe('repeated');
      return { status, body: undefined };
    };
    bench = await benchOf([], {}, { transport, pending: memoryPendingStore() });
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.accept(before);
    await bench.outbox.retry(id);
    await bench.outbox.run();
    expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.status']);
    expect((await bench.outbox.list()).entries).toMatchObject([{ mayHaveArrived: true }]);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.states()).toEqual(['replied']);
  });

  it.each([
    [1, 'transient-error'],
    [2, 'pinned'],
  ])('a transient-error that came on the connection of %s attempt(s), and comes once more, says nothing of a retry (%s)', async (maxAttempts, reason) => {
    const message = messageOf();
    const patience = replyTo(message, 'transient-error');
    let attempts = 0;
    const transport: Transport = async () => {
      attempts += 1;
      if (attempts <= maxAttempts) return { status: 200, body: patience };
      expect((await bench!.outbox.accept(patience)).kind).toBe('repeated');
      return { status: 500, body: undefined };
    };
    bench = await benchOf([], {}, { transport, pending: memoryPendingStore(), retry: { maxAttempts } });
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const before = [maxAttempts === 1 ? 'pending' : 'dead', reason];
    expect(await bench.stateOf(id)).toEqual(before);
    await bench.outbox.accept(patience);
    expect(await bench.stateOf(id)).toEqual(before);

    await bench.outbox.retry(id);
    await bench.outbox.run();
    expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.status']);
  });

  it('and is a copy of a transient-error that an attempt of the running send got does not end that', async () => {
    const message = messageOf();
    const patience = replyTo(message, 'transient-error');
    const answers = [patience, replyTo(message)];
    const transport: Transport = async () => ({ status: 200, body: answers.shift() });
    bench = await benchOf([], {}, { transport, pending: memoryPendingStore(), retry: { maxAttempts: 2 }, sleep: async () => void (await bench!.outbox.accept(patience)) });
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    expect(await bench.stateOf(id)).toEqual(['replied', undefined]);
    expect(answers).toHaveLength(0);
  });

  it('answers a retry in custody, though it is the same reply: the other side replays what it remembers', async () => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const refusal = replyTo(message, 'fatal-error');
    await bench.outbox.accept(refusal);
    await bench.outbox.retry(idOf(message));
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['accepted']);

    await bench.outbox.accept(refusal);
    expect(await bench.stateOf(idOf(message))).toEqual(['rejected', 'repeated']);
  });

  it('answers a retry for good on its own connection, though it is the same reply', async () => {
    const message = messageOf();
    const refusal = replyTo(message, 'fatal-error');
    bench = await benchOf([(_, outgoing) => void outgoing.writeHead(200).end(refusal)], {}, { pending: memoryPendingStore() });
    const { id } = await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.retry(id);
    await bench.outbox.run();
    expect(bench.server.requests).toHaveLength(2);
    expect(await bench.stateOf(id)).toEqual(['rejected', 'fatal-error']);

    await bench.outbox.accept(replyTo(message));
    expect(await bench.stateOf(id)).toEqual(['rejected', 'fatal-error']);
  });

  it.each([
    ['ok', 'replied', undefined],
    ['fatal-error', 'rejected', 'fatal-error'],
  ] as const)('to a retry counts, though a late copy of the one before it ended the entry: %s', async (code, state, reason) => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    const id = idOf(message);
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const [refusal, next] = [replyTo(message, 'fatal-error'), replyTo(message, code)];
    await bench.outbox.accept(refusal);
    expect(await bench.stateOf(id)).toEqual(['rejected', 'fatal-error']);
    await bench.outbox.retry(id);
    await bench.outbox.run();
    for (let copies = 0; copies < 2; copies += 1) {
      await bench.outbox.accept(refusal);
      expect(await bench.stateOf(id)).toEqual(['rejected', 'repeated']);
    }
    expect((await bench.outbox.read(id))?.reply?.graph.header?.response?.code).toBe('fatal-error');

    expect(await bench.outbox.accept(next)).toMatchObject({ kind: 'repeated', another: true });
    expect(await bench.stateOf(id)).toEqual([state, reason]);
    await bench.outbox.accept(refusal);
    expect(await bench.stateOf(id)).toEqual([state, reason]);
  });

  it.each<[peer: string, reliableCacheMinutes: number | undefined, state: string]>([
    ['nobody knows to remember it', undefined, 'uncertain'],
    ['remembers it', 60, 'rejected'],
  ])('to what may have arrived twice at a peer that %s: a fatal-error is the answer to the first one, or a question, which an ok answers', async (_, reliableCacheMinutes, state) => {
    bench = await benchOf([reset, answer(202)], { peer: { reliableCacheMinutes } }, { pending: memoryPendingStore() });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.retry(idOf(message));
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['accepted']);

    await bench.outbox.accept(replyTo(message, 'fatal-error'));
    expect(await bench.stateOf(idOf(message))).toEqual([state, 'fatal-error']);
    expect((await bench.outbox.list()).entries).toMatchObject([{ mayHaveArrived: state === 'uncertain' }]);
    expect((await bench.outbox.read(idOf(message)))?.reply?.graph.header?.response?.code).toBe('fatal-error');
    await bench.outbox.accept(replyTo(message));
    expect(await bench.states()).toEqual([state === 'uncertain' ? 'replied' : 'rejected']);
  });

  it.each([
    ['its id', replyTo],
    ['the id of its header, which the first send has too', quotingHeader],
  ])('settles what was sent again under an id of its own, as R5 has it for a currency, quoting %s', async (_, reply) => {
    const pending = memoryPendingStore();
    const sent: Message[] = [];
    const transport: Transport = ({ message }) => Promise.resolve({ status: sent.push(message) === 1 ? 503 : 202, body: undefined });
    bench = await benchOf([], { events: [admission('currency')] }, { pending, transport });
    const message = messageOf('currency', { release: 'R5' });
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    bench.pass(60_000);
    await bench.outbox.run();
    expect(sent).toHaveLength(2);
    expect(idOf(sent[1]!)).not.toBe(idOf(message));
    await bench.outbox.close();
    const next = bench.another({}, { pending });

    expect((await next.accept(reply(sent[1]!))).kind).toBe('settled');
    expect(await bench.states(next)).toEqual(['replied']);
  });

  it('to a message of another account, whose messenger shares the pending store, is stored by the outbox of that one alone, though told as repeated', async () => {
    const pending = memoryPendingStore();
    bench = await benchOf([answer(202)], { async: true }, { pending });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const ofAnother = bench.another({ account: { ...account, user: 'Practitioner/2' } });

    expect((await ofAnother.accept(replyTo(message))).kind).toBe('settled');
    expect(await bench.states()).toEqual(['accepted']);
    expect((await bench.another().accept(replyTo(message))).kind).toBe('repeated');
    expect(await bench.states()).toEqual(['replied']);
  });

  it('to a message that nobody here knows changes nothing', async () => {
    bench = await benchOf([answer(202)], { identity: netsmart });
    await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();

    expect((await bench.outbox.accept(replyTo(messageOf()))).kind).toBe('unknown');
    expect(await bench.states()).toEqual(['accepted']);
  });

  it('that is a transient-error, and comes to another process before its 202 is read here, counts', async () => {
    const transport: Transport = async ({ message }) => {
      await elsewhere.accept(replyTo(message, 'transient-error'));
      return { status: 202, body: undefined };
    };
    bench = await benchOf([], {}, { pending: memoryPendingStore(), transport });
    const elsewhere = bench.another();
    await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();

    expect((await bench.outbox.list()).entries).toMatchObject([{ state: 'rejected', reason: 'transient-error' }]);
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
