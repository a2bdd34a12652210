import { createMessenger, createReply } from '@fhir-messaging/core';
import type { MessageCategory, Peer, Transport } from '@fhir-messaging/core';
import type { Account } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { account, admission, codeOf, locked, messageOf, receiverOf, serve } from './outbox-under-test.ts';

describe('accounts', () => {
  const theirAccount = { ...account, user: 'Practitioner/2' };

  it('an entry is sent, shown and changed by the outbox of its account only', async () => {
    const { outbox, another, states, server } = await open([answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    const theirs = another({ account: theirAccount });
    await theirs.run();

    expect(server.requests).toEqual([]);
    expect(await theirs.list()).toEqual({ entries: [], ofOthers: 1, unreadable: [] });
    expect(await theirs.read(id)).toBeUndefined();
    expect([await theirs.retry(id), await theirs.cancel(id), await theirs.remove(id), await theirs.clear({ discardUnsent: true })]).toEqual([false, false, false, []]);
    expect(await states()).toEqual(['pending']);
  });

  it.each([
    ['issuer', { ...account, issuer: '' }],
    ['baseUrl', { ...account, baseUrl: null }],
    ['clientId', { issuer: 'i', baseUrl: 'b', user: 'u' }],
    ['user', { ...account, user: undefined }],
    ['user', { ...account, user: 7 }],
    ['issuer', {}],
  ])('without a part (%s) are refused with a TypeError that names it: several persons would share one queue', async (part, missing) => {
    const { another } = await open([]);
    const unchecked: object = { account: missing };

    expect(() => another(unchecked)).toThrow(new TypeError(`createOutbox: the account needs its ${part}.`));
  });

  it('are the same with a slash at the end of their server as without', async () => {
    const slashed = { ...account, baseUrl: `${account.baseUrl}/` };
    const { outbox, another, states } = await open([answer(204)]);
    await outbox.enqueue(messageOf());
    const theirs = another({ account: slashed });
    await theirs.run();

    expect(await states(theirs)).toEqual(['replied']);
    expect(await another({ signedIn: () => slashed }).enqueue(messageOf())).toMatchObject({ state: 'pending' });
  });
});

describe('the session', () => {
  const other = { ...account, user: 'Practitioner/2' };
  const who = (): { signedIn: Account | undefined } => ({ signedIn: account });

  it("of somebody else takes nothing in, and sends nothing of the account's: it waits until that one is back", async () => {
    const session = who();
    const { outbox, stateOf, server } = await open([answer(204)], { signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    for (const now of [undefined, other]) {
      session.signedIn = now;
      await outbox.run();
      expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    }
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
    expect(server.requests).toEqual([]);

    session.signedIn = { ...account };
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
    expect(server.requests).toHaveLength(1);
  });

  it("of nobody takes messages in for the account, and what follows them: they wait, whoever else signs in, until that one is back", async () => {
    const session: { signedIn: Account | undefined } = { signedIn: undefined };
    const { outbox, states, server } = await open([serve(receiverOf([])), serve(receiverOf([]))], { signedIn: () => session.signedIn });
    const message = messageOf();
    const { id, ...entry } = await outbox.enqueue(message);
    expect(entry).toMatchObject({ state: 'waiting', reason: 'session.expired', sends: 0, mayHaveArrived: false });
    expect(await outbox.enqueue({ event: admission(), graph: message.graph }, { after: id })).toMatchObject({ state: 'waiting', reason: 'session.expired' });
    for (const now of [undefined, other]) {
      session.signedIn = now;
      await outbox.run();
      expect(await states()).toEqual(['waiting', 'waiting']);
    }
    expect(server.requests).toEqual([]);

    session.signedIn = account;
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'replied' }, { after: id }]);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('of nobody hides nothing that comes after it: what follows an uncertain entry is blocked, what stands in line is pending once somebody signed in', async () => {
    const session = who();
    const { outbox, states, stateOf } = await open([reset], { signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    session.signedIn = undefined;
    const next = await outbox.enqueue({ event: admission(), graph: messageOf().graph }, { after: id });
    const behind = await outbox.enqueue(messageOf(), { key: next.key });
    expect(await states()).toEqual(['uncertain', 'blocked', 'waiting']);

    session.signedIn = account;
    expect(await stateOf(next.id)).toEqual(['blocked', 'predecessor.uncertain']);
    expect(await stateOf(behind.id)).toEqual(['pending', undefined]);
  });

  it('that nobody can tell takes nothing in: it may be somebody else’s', async () => {
    const { outbox, states } = await open([], { signedIn: () => { throw new Error('unknown'); } });

    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
    expect(await states()).toEqual([]);
  });

  it('that changes between the claim and the send, or between two attempts: nothing goes out under the other one', async () => {
    const session = who();
    const change = async (): Promise<void> => void (session.signedIn = other);
    const { outbox, stateOf, server } = await open([answer(503), answer(204)], { signedIn: () => session.signedIn }, { retry: { maxAttempts: 4 }, sleep: change, check: async () => (await change(), []) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    expect(server.requests).toEqual([]);

    const second = await open([answer(503), answer(204)], { signedIn: () => session.signedIn }, { retry: { maxAttempts: 4 }, sleep: change });
    session.signedIn = account;
    const next = await second.outbox.enqueue(messageOf());
    await second.outbox.run();
    expect(await second.stateOf(next.id)).toEqual(['waiting', 'session.expired']);
    expect(second.server.requests).toHaveLength(1);
    await server.stop();
  });

  it.each<[before: string, mayHaveArrived: boolean, first: Transport]>([
    ['a 503', false, () => Promise.resolve({ status: 503, body: undefined })],
    ['a transient-error', false, ({ message }) => Promise.resolve({ status: 200, body: createReply(message, { source: 'https://b.example.org', code: 'transient-error' }).bytes })],
    ['a 503 that says that it is locked, in process', true, () => Promise.resolve({ status: 503, body: new TextEncoder().encode(locked) })],
    ['an attempt that may have arrived', true, () => Promise.reject(new Error('connection reset'))],
  ])('that changes while an attempt after %s waits for its token: it does not leave', async (_, mayHaveArrived, first) => {
    const session = who();
    let [attempts, sent] = [0, 0];
    const transport: Transport = async (outgoing) => {
      if ((attempts += 1) === 2) session.signedIn = other;
      outgoing.onLeaving?.();
      outgoing.signal.throwIfAborted();
      sent += 1;
      return attempts === 1 ? first(outgoing) : { status: 204, body: undefined };
    };
    const { outbox } = await open([], { signedIn: () => session.signedIn }, { transport, retry: { maxAttempts: 2, whenDeliveryUnknown: 'always' } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'waiting', reason: 'session.expired', mayHaveArrived }]);
    expect([attempts, sent]).toEqual([2, 1]);
  });

  it('that changes before the first attempt leaves: it surely did not, and goes when the account is back', async () => {
    const session = who();
    let sent = 0;
    const transport: Transport = ({ onLeaving, signal }) => {
      if (sent === 0 && session.signedIn === account) session.signedIn = other;
      onLeaving?.();
      signal.throwIfAborted();
      sent += 1;
      return Promise.resolve({ status: 204, body: undefined });
    };
    const { outbox, stateOf } = await open([], { signedIn: () => session.signedIn }, { transport });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', mayHaveArrived: false }]);

    session.signedIn = { ...account };
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
    expect(sent).toBe(1);
  });

  it('that changes while the application itself sends the same message: that one goes on, so it may have arrived', async () => {
    const session = who();
    const message = messageOf();
    const transport: Transport = async ({ onLeaving, signal }) => {
      joined = messenger.send(message);
      await new Promise(setImmediate);
      session.signedIn = other;
      onLeaving?.();
      signal.throwIfAborted();
      return { status: 204, body: undefined };
    };
    let joined: Promise<unknown> | undefined;
    const messenger = createMessenger({ transport, source });
    const { another, states } = await open([]);
    const outbox = another({ messenger, signedIn: () => session.signedIn });
    await outbox.enqueue(message);
    await outbox.run();

    expect(await joined).toMatchObject({ kind: 'processed' });
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', mayHaveArrived: true }]);
    expect(await states()).toHaveLength(1);
  });

  it.each<[when: string, at: 'answer' | 'confirm', asked: readonly string[], step: Step]>([
    ['with an answer that leaves a question', 'answer', ['Practitioner/1'], answer(200, '<html>', { 'content-type': 'text/html' })],
    ['while it is asked what became of that', 'confirm', ['Practitioner/1', 'Practitioner/1'], answer(200, '<html>', { 'content-type': 'text/html' })],
    ['while it is asked before a message is sent again', 'confirm', ['Practitioner/1', 'Practitioner/1'], reset],
  ])('that changes %s: `confirm` is neither asked nor believed as somebody else, but asked when the account is back', async (_, at, expected, step) => {
    const session = who();
    const asked: (string | undefined)[] = [];
    const confirm = (): Promise<'processed' | 'not-processed'> => {
      asked.push(session.signedIn?.user);
      if (at === 'confirm' && asked.length === 1) session.signedIn = other;
      return Promise.resolve(session.signedIn === other ? 'not-processed' : 'processed');
    };
    const change: Step = (incoming, outgoing) => {
      if (at === 'answer') session.signedIn = other;
      return step(incoming, outgoing);
    };
    const { outbox, stateOf, server } = await open([change], { confirm, signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', reason: 'session.expired', mayHaveArrived: true }]);
    expect(await outbox.cancel(id)).toBe(false);

    session.signedIn = account;
    await outbox.run();
    expect(asked).toEqual(expected);
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[category: MessageCategory, peer: Peer | undefined]>([
    ['notification', undefined],
    ['currency', undefined],
    ['consequence', { reliableCacheMinutes: 60 }],
  ])('that changes with an answer that leaves a question, of a %s that could be sent again by itself: it stays the question, and nothing is sent', async (category, peer) => {
    const session = who();
    const asked: unknown[] = [];
    const change: Step = (incoming, outgoing) => {
      session.signedIn = other;
      return answer(200, '<html>', { 'content-type': 'text/html' })(incoming, outgoing);
    };
    const confirm = (): Promise<'unknown'> => (asked.push(session.signedIn), Promise.resolve('unknown'));
    const { outbox, stateOf, server } = await open([change], { peer, events: [admission(category)], confirm, signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf(category));
    await outbox.run();
    session.signedIn = account;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'reply.invalid']);
    expect(asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('that changes while it is asked what became of a message that somebody allowed once more: that leave is used up', async () => {
    const session = who();
    let says: 'unknown' | 'processed' = 'unknown';
    const { outbox, stateOf, server } = await open([answer(200, '')], {
      signedIn: () => session.signedIn,
      confirm() {
        if (server.requests.length === 2) session.signedIn = other;
        return Promise.resolve(says);
      },
    });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);

    [session.signedIn, says] = [account, 'processed'];
    await outbox.run();
    expect(server.requests).toHaveLength(2);
  });

  it('that changes with the word that a message was not processed, which a reply said: a person is asked, who sees that reply', async () => {
    const session = who();
    const message = messageOf();
    const refuse: Step = (_, outgoing) => {
      session.signedIn = other;
      outgoing.writeHead(200).end(createReply(message, { code: 'fatal-error', source: 'https://b.example.org' }).bytes);
    };
    const asked: unknown[] = [];
    const { outbox, stateOf } = await open([reset, refuse], { signedIn: () => session.signedIn, confirm: () => (asked.push(session.signedIn), Promise.resolve('unknown')) });
    const { id } = await outbox.enqueue(message);
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'fatal-error']);
    expect((await outbox.read(id))?.reply?.graph.header?.response?.code).toBe('fatal-error');
    expect(asked).not.toContain(other);
  });

  it('that is gone between two attempts, so that to ask for it fails: nothing goes out under whatever came after it', async () => {
    const session: { signedIn: Account | undefined } = { signedIn: account };
    const signOut = async (): Promise<void> => void (session.signedIn = undefined);
    const { outbox, stateOf, server } = await open([answer(503), answer(204)], { signedIn: () => ({ ...account, user: session.signedIn!.user }) }, { retry: { maxAttempts: 4 }, sleep: signOut });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    expect(server.requests).toHaveLength(1);
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
  });
});
