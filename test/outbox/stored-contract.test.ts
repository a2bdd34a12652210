import { brokerTransport, waitingReplies } from '@fhir-messaging/brokers';
import { checkMessage, createMessage, createMessenger, defineEvent, observeSubmission, parseGraph, processMessageTransport, readMessage } from '@fhir-messaging/core';
import type { AnyEvent, EventName, Message, MessageCategory, ReplyMessage, ResponseRequest } from '@fhir-messaging/core';
import { memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { minute } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

const note = { coding: { system: 'https://example.org/events', code: 'note' } };
const uri = { uri: 'https://example.org/events/note' };

/** A contract of one event, as one version of an application has it. */
const contract = (category: MessageCategory, reply: ResponseRequest = 'always', name: typeof note | typeof uri = note) =>
  defineEvent({ ...name, focus: ['Patient'], payload: { Patient: '1..1' }, category, reply, scopes: ['system/Messaging.write'] } as const);
/** Another version, whose messages hold more. */
const longer = defineEvent({ ...note, focus: ['Patient'], payload: { Patient: '1..1', Observation: '1..1' }, category: 'consequence' } as const);
const observation = { resourceType: 'Observation', status: 'final', code: {} } as const;
const patient = { resourceType: 'Patient' } as const;

const messageOf = (event: ReturnType<typeof contract>): Message => createMessage(event, { Patient: patient }, { source });

/** Takes a message in as a process does that ends before it is sent. */
const takeIn = ({ another }: Bench, message: Message) => another({ events: undefined }).enqueue(message);

describe('a message is sent by the contract that it was stored with', () => {
  it.each([['a coding', note], ['a uri', uri]])('by a process that was given no contracts: an empty 200 is the end of one that wants no reply (%s)', async (_, name) => {
    const bench = await open([answer(200, '')]);
    const { id } = await takeIn(bench, messageOf(contract('consequence', 'never', name)));
    const later = bench.another({ events: undefined });
    await later.run();

    expect(await bench.stateOf(id)).toEqual(['replied', undefined]);
    expect((await later.read(id))?.message?.event).toMatchObject({ ...name, category: 'consequence', reply: 'never' } satisfies EventName & Partial<AnyEvent>);
  });

  it('and over a broker, where nobody waits for a reply that never comes: it is published once', async () => {
    const bench = await open([]);
    let published = 0;
    const transport = brokerTransport(
      {
        maxMessageBytes: 1_000_000,
        publish(_, __, mayHaveArrived) {
          mayHaveArrived();
          published += 1;
          return Promise.resolve();
        },
        replies: { waiting: waitingReplies(), ready: () => Promise.resolve('replies') },
      },
      {},
    );
    const { id } = await takeIn(bench, messageOf(contract('notification', 'never')));
    const later = bench.another({ events: undefined }, { transport, timeoutMs: 50 });
    for (let runs = 0; runs < 3; runs += 1) {
      await later.run();
      bench.pass(10 * minute);
    }

    expect(await bench.stateOf(id)).toEqual(['accepted', undefined]);
    expect(published).toBe(1);
  });

  it('by a process to which messages of its event came with another category: a consequence is not sent twice', async () => {
    const bench = await open([reset, reset, reset, reset]);
    const { id } = await takeIn(bench, messageOf(contract('consequence')));
    const other = bench.another({ events: undefined });
    const beside = await other.enqueue(messageOf(contract('notification')));
    await other.run();
    bench.pass(10 * minute);
    await other.run();

    expect([await bench.stateOf(id), (await bench.stateOf(beside.id))[0]]).toEqual([['uncertain', 'transport.failed'], 'pending']);
    expect(bench.server.requests).toHaveLength(3);
  });

  it('or with another payload: it is sent', async () => {
    const bench = await open([answer(204), answer(204)]);
    await takeIn(bench, messageOf(contract('consequence')));
    const other = bench.another({ events: undefined });
    await other.enqueue(createMessage(longer, { Patient: patient, Observation: observation }, { source }));
    await other.run();

    expect(await bench.states()).toEqual(['replied', 'replied']);
  });

  it("by a process that was given a contract of its event: that one counts, but a consequence stays one", async () => {
    const bench = await open([reset, reset, reset]);
    const stored = await takeIn(bench, messageOf(contract('consequence')));
    await bench.another({ events: [contract('notification')] }).run();
    expect(await bench.stateOf(stored.id)).toEqual(['uncertain', 'transport.failed']);

    const { id } = await takeIn(bench, messageOf(contract('notification')));
    await bench.another({ events: [contract('consequence')] }).run();
    expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.failed']);
    expect(bench.server.requests).toHaveLength(2);
  });

  describe('by a process that was given a stricter one, which it does not keep:', () => {
    it('it is sent and read, as what it was stored as', async () => {
      const bench = await open([answer(200, '')]);
      const { id } = await takeIn(bench, messageOf(contract('consequence', 'never')));
      const later = bench.another({ events: [longer] });
      await later.run();

      expect(await bench.stateOf(id)).toEqual(['replied', undefined]);
      expect((await later.read(id))?.message?.event).toMatchObject({ category: 'consequence', reply: 'never', scopes: ['system/Messaging.write'] });
    });

    it('one that is stored without a contract is a consequence', async () => {
      const bench = await open([reset]);
      const { id } = await takeIn(bench, readMessage(messageOf(contract('notification')).bytes));
      await bench.another({ events: [longer] }).run();

      expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.failed']);
    });

    it('it is a consequence where the stricter one is: what may have arrived is not sent again', async () => {
      const bench = await open([reset, reset]);
      const { id } = await takeIn(bench, messageOf(contract('notification')));
      for (let runs = 0; runs < 2; runs += 1) {
        await bench.another({ events: [longer] }).run();
        bench.pass(60 * minute);
      }

      expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.failed']);
      expect(bench.server.requests).toHaveLength(1);
    });

    it('what follows it, by the stricter one, is sent', async () => {
      const bench = await open([answer(204), answer(204)]);
      const { id } = await takeIn(bench, messageOf(contract('consequence')));
      const later = bench.another({ events: [longer] });
      const next = await later.enqueue(createMessage(longer, { Patient: patient, Observation: observation }, { source }), { after: id });
      await later.run();
      await later.run();

      expect([(await bench.stateOf(id))[0], (await bench.stateOf(next.id))[0]]).toEqual(['replied', 'replied']);
    });

    it('confirm is asked about it', async () => {
      const bench = await open([reset]);
      const { id } = await takeIn(bench, messageOf(contract('consequence')));
      await bench.another({ events: undefined, confirm: () => Promise.reject(new Error('no network')) }).run();
      expect(await bench.stateOf(id)).toEqual(['uncertain', 'transport.failed']);
      bench.pass(5 * minute);
      await bench.another({ events: [longer], confirm: () => Promise.resolve('processed') }).run();

      expect(await bench.stateOf(id)).toEqual(['replied', 'confirmed']);
    });
  });

  it("with its scopes, and as an event that takes the message, for the messenger's own check", async () => {
    const bench = await open([answer(204)]);
    const scopes: unknown[] = [];
    await takeIn(bench, messageOf(contract('consequence')));
    await bench.another({ events: undefined }, { check: ({ event, graph }) => (scopes.push(event?.scopes), checkMessage(graph, { event })) }).run();

    expect(scopes).toEqual([['system/Messaging.write']]);
    expect(await bench.states()).toEqual(['replied']);
  });
});

describe('a message that was read from an outbox which was given no contracts', () => {
  const submit = contract('consequence');
  /** A message that was sent, as a process reads it that was opened anew. */
  const recalled = async (bench: Bench): Promise<{ id: string; later: Outbox; unsettled: ReplyMessage | undefined }> => {
    const { id } = await takeIn(bench, messageOf(submit));
    const later = bench.another({ events: undefined });
    await later.run();
    return { id, later, unsettled: (await later.read(id))?.message };
  };
  const resendFrom = (bench: Bench, outbox: Outbox, unsettled: ReplyMessage | undefined) => {
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: bench.server.url }), source });
    return observeSubmission(queuedMessenger(outbox, messenger), submit, { unsettled }).resend();
  };

  it('can be enqueued again beside messages of its event: it is the entry that it was', async () => {
    const bench = await open([reset]);
    const first = bench.another({ events: undefined });
    const { id } = await first.enqueue(messageOf(submit));
    await first.run();
    const message = (await first.read(id))?.message;

    expect(await first.enqueue(message!)).toMatchObject({ id, state: 'uncertain' });
  });

  it('and is sent again by a form keeps no other message of its event out', async () => {
    const bench = await open([reset, answer(204)]);
    const { id, later, unsettled } = await recalled(bench);
    const sending = resendFrom(bench, later, unsettled);
    await expect.poll(() => bench.stateOf(id)).toEqual(['pending', undefined]);

    expect(await later.enqueue(messageOf(submit))).toMatchObject({ state: 'pending' });
    await later.run();
    expect(await sending).toMatchObject({ kind: 'done' });
  });

  it('is sent again by a form also after another message of its event came', async () => {
    const bench = await open([reset, answer(204), answer(204)]);
    const { id, later, unsettled } = await recalled(bench);
    await later.enqueue(messageOf(submit));
    const sending = resendFrom(bench, later, unsettled);
    await expect.poll(() => bench.stateOf(id)).toEqual(['pending', undefined]);
    await later.run();

    expect(await sending).toMatchObject({ kind: 'done' });
  });

  it('says nothing of what its event takes: what follows it is not written by that', async () => {
    const bench = await open([answer(204), answer(204)]);
    const first = bench.another({ events: undefined });
    const { id } = await first.enqueue(messageOf(submit));
    const graph = parseGraph(JSON.stringify({ resourceType: 'Bundle', type: 'message', entry: [{ fullUrl: 'urn:uuid:6f0e5f5c-2b0a-4a58-9a3c-0c8f2a2b7a11', resource: observation }] }));
    const next = await first.enqueue({ event: submit, graph }, { after: id });
    const later = bench.another({ events: undefined });
    await later.enqueue((await later.read(id))!.message!);
    await later.run();
    await later.run();

    expect(await bench.stateOf(next.id)).toEqual(['blocked', 'event.unknown']);
    expect(bench.server.requests).toHaveLength(1);
  });

  it('is stored by the contract that it was stored with, also where it was removed and comes back', async () => {
    const bench = await open([answer(204)]);
    const { id, later, unsettled } = await recalled(bench);
    expect(await later.remove(id)).toBe(true);
    await later.enqueue(messageOf(contract('notification')));
    await later.enqueue(unsettled!);

    expect((await bench.store.get(id))?.facts.contract).toMatchObject({ category: 'consequence', scopes: ['system/Messaging.write'] });
  });

  it('of which a later version stored more is sent all the same', async () => {
    const bench = await open([answer(204)]);
    const store = memoryOutboxStore();
    const more = { sharesSecrets: false };
    const ofLaterVersion = { ...store, add: (...[entry, transaction]: Parameters<typeof store.add>) => store.add({ ...entry, facts: { ...entry.facts, contract: { ...entry.facts.contract!, ...more } } }, transaction) };
    const { id } = await bench.another({ store: ofLaterVersion, events: undefined }).enqueue(messageOf(submit));
    const earlier = bench.another({ store, events: undefined });
    await earlier.run();

    expect((await store.get(id))?.facts.contract).toMatchObject(more);
    expect(await bench.stateOf(id, earlier)).toEqual(['replied', undefined]);
  });
});
