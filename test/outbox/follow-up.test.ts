import { createMessage, createReply, defineEvent, memoryPendingStore, MessagingError, newFullUrl, readMessage, updateEntry } from '@fhir-messaging/core';
import type { AnyResource, BundleGraph, Message, Resource } from '@fhir-messaging/core';
import type { ServiceRequest } from 'fhir/r4';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { memoryOutboxStore } from '@fhir-messaging/outbox';
import { createReceiver, httpHandler, memoryCache } from '@fhir-messaging/receiver';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, reset, serve, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { account, admission, benchOf, idOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

const base = 'https://manager.example.org/fhir';
const ofRecord = 'https://record.example.org/fhir/ServiceRequest/7';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

async function open(...steps: Step[]): Promise<Bench> {
  bench = await benchOf(steps, { events: [submitServiceRequest, updateServiceRequest, admission()], identity: netsmart }, { identity: netsmart });
  return bench;
}

/** A referral whose resources have no ids of a server's yet; or whose order and patient the record has under URLs of its own. */
function submission(fullUrl: string = newFullUrl()): Message {
  const isOfRecord = fullUrl.endsWith('/7');
  const subject = isOfRecord ? fullUrl.replace('ServiceRequest/7', 'Patient/2') : newFullUrl();
  const order: ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', priority: 'routine', subject: { reference: subject } };
  return createMessage(
    submitServiceRequest,
    { ServiceRequest: { fullUrl, resource: { ...order, ...(isOfRecord && { id: '7' }) } }, Patient: { fullUrl: subject, resource: { resourceType: 'Patient', name: [{ family: 'Miller' }], ...(isOfRecord && { id: '2' }) } } },
    { source },
  );
}

const prioritised = (graph: BundleGraph<Resource>, priority: 'urgent' | 'stat'): BundleGraph<Resource> =>
  updateEntry(graph, graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '', (draft) => {
    Object.assign(draft, { priority });
  });

/** A referral manager that gives ids to what it did not know, and echoes; with what it was asked to do. */
function manager(options: { readonly echoes?: boolean } = {}): { readonly step: Step; readonly seen: string[] } {
  const seen: string[] = [];
  // Of the referral alone: who refers to the patient by the id of before would not be understood.
  const reply = (message: Message<unknown, Resource>, kind: string): { focus: { fullUrl: string; resource: AnyResource }[] } => {
    const focus = message.graph.entries.flatMap(({ key, resource }) => {
      if (resource?.resourceType !== 'ServiceRequest') return [];
      const { priority }: { priority?: string; resourceType: string } = resource;
      seen.push(`${kind} ${priority} ${key.startsWith('urn:') ? 'urn' : key}`);
      const fullUrl = key.startsWith(base) ? key : `${base}/ServiceRequest/1234`;
      return [{ fullUrl, resource: { ...resource, id: '1234', subject: { display: 'the patient' } } }];
    });
    return { focus: options.echoes === false ? [] : focus };
  };
  const receiver = createReceiver({ source: base, identity: netsmart, cache: memoryCache() })
    .on(submitServiceRequest, ({ message }) => reply(message, 'submit'))
    .on(updateServiceRequest, ({ message }) => reply(message, 'update'));
  return { step: serve(httpHandler(receiver)), seen };
}

describe('a message that follows another', () => {
  it('goes after it, under the ids that the server assigned; what follows that one too', async () => {
    const { step, seen } = manager();
    const { outbox, states } = await open(step);
    const message = submission();
    const submit = await outbox.enqueue(message);
    const update = await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'urgent') }, { after: submit.id });
    await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'stat') }, { after: update.id });
    expect(update.key).toBe(submit.key);
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied', 'replied']);
    const url = `${base}/ServiceRequest/1234`;
    expect(seen).toEqual(['submit routine urn', `update urgent ${url}`, `update stat ${url}`]);
  });

  it('about what the record has a URL for goes under the one that the server assigned all the same', async () => {
    const { step, seen } = manager();
    const { outbox, states } = await open(step);
    const message = submission(ofRecord);
    const submit = await outbox.enqueue(message);
    const update = await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'urgent') }, { after: submit.id });
    await outbox.enqueue(createMessage(updateServiceRequest, prioritised(message.graph, 'stat'), { source }), { after: update.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied', 'replied']);
    const url = `${base}/ServiceRequest/1234`;
    expect(seen).toEqual([`submit routine ${ofRecord}`, `update urgent ${url}`, `update stat ${url}`]);
  });

  it('has its bytes stored before its first attempt: a resend by another process is the same to the byte', async () => {
    const { step } = manager();
    const { outbox, another, stateOf, store, pass } = await open(step, answer(503), answer(503));
    const message = submission();
    const submit = await outbox.enqueue(message);
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    await outbox.run();
    expect(await stateOf(id)).toEqual(['pending', 'transport.status']);
    const fixed = (await store.get(id))!;
    expect(fixed.facts.isDraft).toBe(false);
    pass(60_000);
    await another().run();

    expect((await store.get(id))!.content.bytes).toEqual(fixed.content.bytes);
    expect(readMessage(fixed.content.bytes).graph.header?.id).toBe(id);
  });

  it('may be a message already: its ids, and what its header says besides, stay', async () => {
    const { step } = manager();
    const { outbox, another } = await open(step);
    const message = submission();
    const submit = await outbox.enqueue(message);
    const again = createMessage(submitServiceRequest, message.graph, { source: { endpoint: source, name: 'Ward 7' }, header: { reason: { text: 'once more' } } });
    const { id } = await outbox.enqueue(again, { after: submit.id });
    await outbox.run();

    const { graph } = (await another().read(id))!;
    expect(graph.header).toMatchObject({ id: again.graph.header?.id, reason: { text: 'once more' }, source: { endpoint: source, name: 'Ward 7' } });
    expect(graph.bundle.id).toBe(again.bundle.id);
    expect(graph.get(`${base}/ServiceRequest/1234`)).toBeDefined();
  });

  it('that shares no entry with it goes as it is, after it', async () => {
    const { step } = manager();
    const { outbox, store, states } = await open(step, answer(204));
    const submit = await outbox.enqueue(submission());
    const other = messageOf();
    await outbox.enqueue(other, { after: submit.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect((await store.get(idOf(other)))!.content.bytes).toEqual(other.bytes);
  });

  it('is blocked where the reply does not say for certain what the focus is called', async () => {
    const { step, seen } = manager({ echoes: false });
    const { outbox, stateOf } = await open(step);
    const message = submission();
    const submit = await outbox.enqueue(message);
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['blocked', 'message.invalid']);
    expect(seen).toEqual(['submit routine urn']);
  });

  it('is blocked where a person said that it was processed, and nobody what the server calls the focus; a URL of the record is no answer', async () => {
    const { step, seen } = manager();
    const { outbox, stateOf } = await open(reset, step);
    const message = submission(ofRecord);
    const submit = await outbox.enqueue(message);
    await outbox.run();
    await outbox.decide(submit.id, 'processed');
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['blocked', 'adopt.incomplete']);
    expect(seen).toEqual([]);
  });

  it('and is blocked goes with the reply that says what the focus is called', async () => {
    const { step } = manager();
    bench = await benchOf([reset, step], { events: [submitServiceRequest, updateServiceRequest], identity: netsmart }, { identity: netsmart, pending: memoryPendingStore() });
    const { outbox, stateOf } = bench;
    const message = submission();
    const submit = await outbox.enqueue(message);
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    await outbox.run();
    await outbox.decide(submit.id, 'processed');
    await outbox.run();
    expect(await stateOf(id)).toEqual(['blocked', 'message.invalid']);

    const stored = { fullUrl: `${base}/ServiceRequest/1234`, resource: { resourceType: 'ServiceRequest', id: '1234' } };
    expect((await outbox.accept(createReply(message, { source: base, identity: netsmart, focus: [stored] }).bytes)).kind).toBe('settled');
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it('about what the server that messages go to has a URL for goes under that, where no reply says otherwise', async () => {
    const { step, seen } = manager({ echoes: false });
    const { outbox, states } = await open(step);
    const own = `${account.baseUrl}/ServiceRequest/7`;
    const message = submission(own);
    const submit = await outbox.enqueue(message);
    await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'urgent') }, { after: submit.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect(seen).toEqual([`submit routine ${own}`, `update urgent ${own}`]);
  });

  it('about something else keeps the URLs that it shares with it', async () => {
    const { step } = manager();
    const { outbox, store, states } = await open(step, answer(204));
    const subject = 'https://record.example.org/fhir/Patient/2';
    const patient = { fullUrl: subject, resource: { resourceType: 'Patient', id: '2' } } as const;
    const orderFor = (): Message =>
      createMessage(submitServiceRequest, { ServiceRequest: { fullUrl: newFullUrl(), resource: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: subject } } }, Patient: patient }, { source });
    const submit = await outbox.enqueue(orderFor());
    const other = orderFor();
    await outbox.enqueue(other, { after: submit.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect((await store.get(idOf(other)))!.content.bytes).toEqual(other.bytes);
  });

  it.each<[state: string, step: Step]>([
    ['rejected', answer(422)],
    ['uncertain', reset],
    ['dead', answer(503)],
  ])('is blocked by one that is %s, and freed when that one is retried', async (state, step) => {
    const { step: processes, seen } = manager();
    const opened = await open(step, processes);
    const outbox = opened.another({ maxSends: 1 });
    const message = submission();
    const submit = await outbox.enqueue(message);
    const first = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    const second = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: first.id });
    await outbox.run();
    await outbox.run();
    expect([await opened.stateOf(submit.id), await opened.stateOf(first.id), await opened.stateOf(second.id)]).toEqual([
      [state, expect.anything()],
      ['blocked', `predecessor.${state}`],
      ['blocked', 'predecessor.blocked'],
    ]);

    await outbox.retry(submit.id);
    await outbox.run();
    expect(await opened.states()).toEqual(['replied', 'replied', 'replied']);
    expect(seen).toHaveLength(3);
  });

  it('is blocked where that one was taken back', async () => {
    const { step, seen } = manager();
    const { outbox, stateOf } = await open(step);
    const message = submission();
    const submit = await outbox.enqueue(message);
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: message.graph }, { after: submit.id });
    await outbox.cancel(submit.id);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['blocked', 'predecessor.removed']);
    expect(seen).toEqual([]);
  });

  it.each([
    ['a urn', undefined, 'predecessor.removed'],
    ['a URL of the record', ofRecord, 'adopt.incomplete'],
  ])('is blocked where a message further before it was removed, and with it what the server calls what it names by %s', async (_, name, reason) => {
    const { step, seen } = manager();
    const { outbox, stateOf } = await open(step);
    const message = submission(name);
    const submit = await outbox.enqueue(message);
    const update = await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'urgent') }, { after: submit.id });
    await outbox.run();
    await outbox.remove(submit.id);
    const { id } = await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'stat') }, { after: update.id });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['blocked', reason]);
    expect(seen).toHaveLength(2);
    const known = (await outbox.read(update.id))!.graph;
    await outbox.cancel(id);
    await outbox.enqueue({ event: updateServiceRequest, graph: prioritised(known, 'stat') }, { after: update.id });
    await outbox.run();
    expect(seen.at(-1)).toBe(`update stat ${base}/ServiceRequest/1234`);
  });

  it('whose reply is wanted for an error alone goes when that one is in custody, unless it needs ids that nobody will tell', async () => {
    const quiet = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, focus: ['Patient'], payload: { Patient: '1..1' }, category: 'consequence', reply: 'on-error' } as const);
    bench = await benchOf([answer(202)], { events: [quiet] });
    const { outbox, stateOf, server } = bench;
    const about = (fullUrl: string): Message => createMessage(quiet, { Patient: { fullUrl, resource: { resourceType: 'Patient' } } }, { source });
    const [first, free, bound] = [about('urn:uuid:5b1c4a1e-0001-4d5c-9a53-0f3f0d0f0f01'), about(newFullUrl()), about('urn:uuid:5b1c4a1e-0001-4d5c-9a53-0f3f0d0f0f01')];
    const { id } = await outbox.enqueue(first);
    await outbox.enqueue(free, { after: id });
    await outbox.enqueue(bound, { after: id });
    await outbox.run();

    expect([await stateOf(id), await stateOf(idOf(free)), await stateOf(idOf(bound))]).toEqual([
      ['accepted', undefined],
      ['accepted', undefined],
      ['blocked', 'adopt.incomplete'],
    ]);
    expect(server.requests).toHaveLength(2);
  });

  it('is one where the storage did not say that it has it, and it is enqueued again', async () => {
    const own = memoryOutboxStore();
    let isHeard = true;
    bench = await benchOf([answer(204)], {
      store: {
        ...own,
        async add(entry) {
          const added = await own.add(entry);
          if (!isHeard) throw new MessagingError('storage.unavailable', 'The connection was lost after the commit.');
          return added;
        },
      },
    });
    const { outbox, states, server } = bench;
    const { id } = await outbox.enqueue(messageOf());
    const update = { event: admission(), graph: messageOf().graph };
    isHeard = false;
    await expect(outbox.enqueue(update, { after: id })).rejects.toMatchObject({ code: 'storage.unavailable' });
    await outbox.run();
    isHeard = true;
    const again = await outbox.enqueue(update, { after: id });
    await outbox.run();
    expect(await states()).toEqual(['replied', 'replied']);
    expect(server.requests).toHaveLength(2);

    expect((await outbox.enqueue(update, { after: id })).id).not.toBe(again.id);
  });

  it.each(['R4', 'R4B', 'R5'] as const)('is known by the name of its message, as %s has it: what is read of it is the same entry when it is enqueued again', async (release) => {
    bench = await benchOf([answer(204), reset, reset, answer(204)]);
    const { outbox, another, store, states } = bench;
    const { id: after } = await outbox.enqueue(messageOf('consequence', { release }));
    const { id } = await outbox.enqueue({ event: admission(), graph: messageOf('consequence', { release }).graph }, { after });
    await outbox.run();
    const { message } = (await another().read(id))!;
    expect((await outbox.enqueue(message!)).id).toBe(id);
    await outbox.retry(id);
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect([idOf(message!).replace('urn:uuid:', ''), (await store.get(id))!.facts.sentAs]).toEqual([id, undefined]);
  });

  it('whose bytes were fixed under another name than its entry has, as an earlier version did, says that name once, however often it is sent', async () => {
    bench = await benchOf([reset]);
    const { outbox, store } = bench;
    const { id } = await outbox.enqueue(messageOf());
    const other = messageOf();
    const record = (await store.get(id))!;
    await store.update(record, { facts: record.facts, isFinished: false, dueInMs: 0, content: { bytes: other.bytes, sealedWith: undefined } });
    for (let sends = 0; sends < 3; sends += 1) {
      await outbox.retry(id);
      await outbox.run();
    }

    expect((await store.get(id))!.facts.sentAs).toEqual([idOf(other)]);
  });

  it.each(['R4', 'R4B', 'R5'] as const)('that is a message of %s already keeps its name, though its entries get ids of the server', async (release) => {
    const { step } = manager();
    const { outbox, another, states } = await open(step);
    const { graph } = submission();
    const created = createMessage(submitServiceRequest, graph, { source, release });
    const submit = await outbox.enqueue(created);
    const again = createMessage(submitServiceRequest, graph, { source, release });
    const bundle: object = JSON.parse(new TextDecoder().decode(again.bytes));
    const { id } = await outbox.enqueue(readMessage(JSON.stringify({ ...bundle, id: 'envelope-7' }), { events: [submitServiceRequest] }), { after: submit.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    const { message } = (await another().read(id))!;
    expect(message?.graph.get(`${base}/ServiceRequest/1234`)).toBeDefined();
    expect([message?.identity.message, message?.graph.header?.id]).toEqual([again.identity.message, again.graph.header?.id]);
  });

  it.each(['7', 'MSG_1/2026'])('that is a message of R5 with an identifier of its own system (%s) goes under a UUID: nobody else\'s has its name', async (value) => {
    const { step } = manager();
    const { outbox, states } = await open(step);
    const { graph } = submission();
    const submit = await outbox.enqueue(createMessage(submitServiceRequest, graph, { source, release: 'R5' }));
    const bundle: object = JSON.parse(new TextDecoder().decode(createMessage(submitServiceRequest, graph, { source, release: 'R5' }).bytes));
    const numbered = readMessage(JSON.stringify({ ...bundle, identifier: { system: 'https://clinic.example/messages', value } }), { events: [submitServiceRequest] });
    const { id } = await outbox.enqueue(numbered, { after: submit.id });
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect((await outbox.read(id))?.message?.identity.message).toMatch(/^urn:uuid:[\da-f-]{36}$/);
  });

  it('is of the release of that one, where it does not say', async () => {
    bench = await benchOf([answer(204)]);
    const about = (fullUrl: string, resourceId?: string): Message =>
      createMessage(admission(), { Patient: { fullUrl, resource: { resourceType: 'Patient', ...(resourceId !== undefined && { id: resourceId }) } } }, { source, release: 'R5' });
    const { id } = await bench.outbox.enqueue(about(newFullUrl()));
    const next = await bench.outbox.enqueue({ event: admission(), graph: about('https://b.example.org/fhir/Patient/1', '1').graph }, { after: id });
    await bench.outbox.run();

    expect(await bench.states()).toEqual(['replied', 'replied']);
    expect((await bench.outbox.read(next.id))?.message?.release).toBe('R5');
  });

  it('is written with the event that it came with; where a later process was not given that, it is blocked, and goes when one was', async () => {
    const { step, seen } = manager();
    const { another, pass, stateOf, outbox } = await open(step);
    const message = submission();
    const first = another({ events: undefined });
    const submit = await first.enqueue(message);
    const update = (by = first) => by.enqueue({ event: updateServiceRequest, graph: prioritised(message.graph, 'urgent') }, { after: submit.id });
    await update();
    await first.run();
    expect(seen).toHaveLength(2);

    const { id } = await update();
    const without = another({ events: undefined });
    await without.run();
    expect(await stateOf(id)).toEqual(['blocked', 'event.unknown']);
    expect(seen).toHaveLength(2);
    pass(60_000);
    await outbox.run();
    expect((await stateOf(id))[0]).toBe('replied');
    expect(seen).toHaveLength(3);
  });

  it('that came without an event needs it among those of the outbox, and a graph needs something to follow: a TypeError at once', async () => {
    const { another, outbox } = await open(answer(204));
    const message = submission();
    const submit = await outbox.enqueue(message);
    const without = another({ events: undefined });

    await expect(without.enqueue(readMessage(message.bytes), { after: submit.id })).rejects.toThrow(TypeError);
    await expect(outbox.enqueue({ event: updateServiceRequest, graph: message.graph })).rejects.toThrow(TypeError);
  });
});
