import { createMessage, defineEvent, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { account, admission, codeOf, idOf, messageOf, minute } from './outbox-under-test.ts';

describe('enqueue', () => {
  it('resolves with an entry that another process finds, before anything is sent', async () => {
    const { outbox, another, server } = await open([answer(204)]);
    const message = messageOf();
    const entry = await outbox.enqueue(message);

    expect(entry).toMatchObject({ id: idOf(message), state: 'pending', sends: 0, mayHaveArrived: false, event: { coding: { code: 'admit' } } });
    expect((await another().list()).entries).toEqual([entry]);
    expect((await another().read(entry.id))?.message?.bytes).toEqual(message.bytes);
    expect(server.requests).toEqual([]);
  });

  it('the same message twice is one entry; another one under its id is refused with entry.duplicate', async () => {
    const { outbox, states } = await open([answer(204)]);
    const counting = (): (() => string) => {
      let count = 0;
      return () => `5b1c4a1e-0001-4d5c-9a53-${String((count += 1)).padStart(12, '0')}`;
    };
    const message = messageOf('consequence', { newId: counting() });
    await outbox.enqueue(message);

    expect(await outbox.enqueue(message)).toMatchObject({ id: idOf(message) });
    const other = messageOf('consequence', { newId: counting(), header: { reason: { text: 'x' } } });
    expect(await codeOf(outbox.enqueue(other))).toBe('entry.duplicate');
    expect(await states()).toEqual(['pending']);
  });

  it('a message that nothing names is known by its bytes: twice is one entry, and never sent again for want of an answer', async () => {
    const { outbox, pass, states, server } = await open([reset, answer(204)], { peer: { reliableCacheMinutes: 60 } });
    const { id: _, ...bundle } = messageOf().bundle;
    const entry = bundle.entry!.map((each, place) => (place === 0 ? { fullUrl: 'https://b.example.org/MessageHeader/1', resource: { ...each.resource!, id: undefined } } : each));
    const nameless = readMessage(JSON.stringify({ ...bundle, entry }), { events: [admission()] });
    expect(nameless.identity.message).toBeUndefined();
    const { id } = await outbox.enqueue(nameless);

    expect((await outbox.enqueue(readMessage(nameless.bytes))).id).toBe(id);
    await outbox.run();
    pass(minute);
    await outbox.run();
    expect(await states()).toEqual(['uncertain']);
    expect(server.requests).toHaveLength(1);
  });

  const note = (reply?: 'never') => defineEvent({ coding: { system: 'https://example.org/events', code: 'note' }, focus: ['Patient'], payload: { Patient: '1..1' }, category: 'notification', reply } as const);
  const noteOf = (event = note('never')): Message => createMessage(event, { Patient: { resourceType: 'Patient' } }, { source });

  it('a message of a contract that the outbox was not given keeps its category: a later process repeats a notification, and no message without a contract', async () => {
    const { another, pass, states, server } = await open([reset, reset, reset]);
    const outbox = another({ events: undefined });
    await outbox.enqueue(noteOf());
    await outbox.enqueue(readMessage(noteOf().bytes));
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'pending', mayHaveArrived: true }, { state: 'uncertain' }]);

    pass(10 * minute);
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['pending', 'uncertain']);
    expect(server.requests).toHaveLength(3);
  });

  it('and the reply that it wants: none in a later process either, so what follows it goes, and it is never overdue', async () => {
    const { another, pass, states } = await open([answer(202), answer(202)]);
    const { id } = await another({ events: undefined }).enqueue(noteOf());
    await another({ events: undefined }).enqueue(noteOf(), { after: id });
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['accepted', 'accepted']);

    pass(48 * 60 * minute);
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['accepted', 'accepted']);
  });

  it('a message that came without a contract is read by none that another one came with', async () => {
    const { another, states } = await open([answer(204), answer(204)]);
    const outbox = another({ events: undefined });
    const strict = defineEvent({ coding: { system: 'https://example.org/events', code: 'note' }, focus: ['Observation'], payload: { Observation: '1..1' }, category: 'notification' } as const);
    await outbox.enqueue(readMessage(noteOf().bytes));
    await outbox.enqueue(createMessage(strict, { Observation: { resourceType: 'Observation', status: 'final', code: {} } }, { source }));
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
  });

  it('is not begun with async: false beside a responseUrl, which no message could be sent with: a TypeError at creation', async () => {
    const { another } = await open([]);

    expect(() => another({ async: false, responseUrl: 'https://app.example.org/replies' })).toThrow(new TypeError('createOutbox: async is false, with a responseUrl.'));
    expect(() => another({ responseUrl: 'https://app.example.org/replies' })).not.toThrow();
  });

  it('of one event that the outbox was not given, a second contract that says something else is refused with a TypeError', async () => {
    const { another, states } = await open([]);
    const outbox = another({ events: undefined });
    await outbox.enqueue(noteOf());
    await outbox.enqueue(noteOf());

    await expect(outbox.enqueue(noteOf(note()))).rejects.toThrow(TypeError);
    await another({ events: [note()] }).enqueue(noteOf());
    await outbox.enqueue(readMessage(messageOf().bytes));
    expect(await states()).toEqual(['pending', 'pending', 'pending', 'pending']);
  });

  it('in order with what it follows, whose key no other replaces: a TypeError', async () => {
    const { outbox } = await open([answer(204)]);
    const { id, key } = await outbox.enqueue(messageOf());

    expect((await outbox.enqueue(messageOf(), { after: id })).key).toBe(key);
    expect((await outbox.enqueue(messageOf(), { after: id, key })).key).toBe(key);
    await expect(outbox.enqueue(messageOf(), { after: id, key: 'mine' })).rejects.toThrow(TypeError);
    expect((await outbox.list()).entries).toHaveLength(3);
  });

  it('promises nothing where messages are not kept as safely as asked for: storage.unavailable', async () => {
    const { another } = await open([answer(204)]);
    const outbox = another({ atLeast: undefined });

    expect(await outbox.durability).toBe('ephemeral');
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('storage.unavailable');
    expect((await outbox.list()).entries).toEqual([]);
  });

  it('after an entry that is not there, or is another account’s, is refused with entry.unknown', async () => {
    const { outbox, another } = await open([answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    const theirs = another({ account: { ...account, user: 'Practitioner/2' } });

    expect(await codeOf(outbox.enqueue(messageOf(), { after: 'nothing' }))).toBe('entry.unknown');
    expect(await codeOf(theirs.enqueue(messageOf(), { after: id }))).toBe('entry.unknown');
  });
});
