import { addEntry, createReply, observeSubmission, observeUpdate, readMessage, removeEntry, renameEntry, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, Message, MessengerOptions } from '@fhir-messaging/core';
import { netsmart, refersToSubmittedReferral, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { describe, expect, it, onTestFinished } from 'vitest';
import { status, until, ward, wardThat } from './ward.ts';
import type { Answer } from './ward.ts';

/** The reply of a referral manager: echoes every resource under an id of its own, the same one for what it knows. */
const managed = (message: Message): Message => {
  const named = message.graph.entries.slice(1).reduce((graph, { key, fullUrl = '', resource }, position) => {
    return fullUrl.startsWith(ward) ? graph : renameEntry(graph, key, `${ward}/${resource?.resourceType ?? ''}/${position + 40}`);
  }, message.graph);
  const focus = named.entries.slice(1).flatMap(({ fullUrl = '', resource }) => (resource ? [{ fullUrl, resource: { ...resource, id: fullUrl.slice(fullUrl.lastIndexOf('/') + 1) } }] : []));
  return createReply(message, { source: ward, focus });
};
const manages: Answer = (message, outgoing) => void outgoing.writeHead(200, { 'content-type': 'application/fhir+json' }).end(managed(message).bytes);
const takesOver: Answer = (_, outgoing) => void outgoing.writeHead(202).end();
const vanishes: Answer = (_, __, incoming) => void incoming.socket.resetAndDestroy();

const order = { fullUrl: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c01', resource: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c02' } } } as const;
const patient = { fullUrl: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c02', resource: { resourceType: 'Patient', active: true } } as const;
const target = `${ward}/ServiceRequest/40`;

const submitted = (...answers: Answer[]) => submittedBy({ identity: netsmart }, ...answers);

async function submittedBy(options: Partial<MessengerOptions>, ...answers: Answer[]) {
  const server = await wardThat([manages, ...answers, manages], options);
  onTestFinished(() => server.stop());
  const submission = observeSubmission(server.messenger, submitServiceRequest);
  const done = await submission.submit({ ServiceRequest: order, Patient: patient });
  if (done.kind !== 'done') throw new Error(done.kind);
  return { ...server, done, update: observeUpdate(server.messenger, updateServiceRequest, done) };
}

const urlsIn = (text: string | undefined): readonly (string | undefined)[] => (JSON.parse(text ?? '') as { entry: { fullUrl?: string }[] }).entry.slice(1).map(({ fullUrl }) => fullUrl);

describe('an update after one that was taken over, and is not answered yet', () => {
  it('is asked about, and not dropped; it goes where that is wanted', async () => {
    const { update, arrived } = await submitted(takesOver);
    const withPriority = (priority: 'urgent' | 'stat') =>
      updateEntry(update.getAdopted().graph, target, (draft) => {
        if (draft.resourceType === 'ServiceRequest') draft.priority = priority;
      });
    expect(await update.submit(withPriority('urgent'))).toMatchObject({ kind: 'accepted' });
    expect(await update.submit(withPriority('urgent'))).toMatchObject({ kind: 'accepted' });

    expect(await update.submit(withPriority('stat'))).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'accepted' } });
    update.dismiss();
    expect(update.getState()).toMatchObject({ kind: 'accepted' });
    await update.submit(withPriority('stat'));
    expect(arrived).toHaveLength(2);
    expect(await update.submitAnyway()).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(3);
    expect(arrived[2]).toContain('"priority":"stat"');
  });

  it.each(['press', 'resend'] as const)('is asked about no longer once a person goes back to that one by a %s, which sends nothing', async (way) => {
    const { update, arrived } = await submitted(takesOver);
    const withPriority = (priority: 'urgent' | 'stat') =>
      updateEntry(update.getAdopted().graph, target, (draft) => {
        if (draft.resourceType === 'ServiceRequest') draft.priority = priority;
      });
    await update.submit(withPriority('urgent'));
    await update.submit(withPriority('stat'));

    expect(await (way === 'press' ? update.submit(withPriority('urgent')) : update.resend())).toMatchObject({ kind: 'accepted' });
    expect(await update.submitAnyway()).toMatchObject({ kind: 'accepted' });
    expect(arrived).toHaveLength(2);
  });

  it('is asked about no longer once a message was recalled, after that one was turned down', async () => {
    const { update, messenger, arrived } = await submitted(takesOver);
    const withPriority = (priority: 'urgent' | 'stat') =>
      updateEntry(update.getAdopted().graph, target, (draft) => {
        if (draft.resourceType === 'ServiceRequest') draft.priority = priority;
      });
    const accepted = await update.submit(withPriority('urgent'));
    await update.submit(withPriority('stat'));
    if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
    await messenger.accept(createReply(accepted.message, { source: ward, code: 'fatal-error', issues: [{ severity: 'error', code: 'processing' }] }));
    await until(update, (state) => state.kind === 'mayHaveArrived' && state.earlier.kind === 'rejected');
    update.recall(messenger.create(updateServiceRequest, withPriority('urgent')));

    expect(await update.submitAnyway()).toMatchObject({ kind: 'failed', delivery: 'unknown' });
    expect(arrived).toHaveLength(2);
  });
});

describe('an update with an entry that is new to the server', () => {
  const coverage = 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c03';
  const withCoverage = (graph: BundleGraph): BundleGraph =>
    updateEntry(addEntry(graph, { fullUrl: coverage, resource: { resourceType: 'Coverage', status: 'active', beneficiary: { reference: `${ward}/Patient/41` }, payor: [{ display: 'x' }] } }), target, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.insurance = [{ reference: coverage }];
    });
  const withPriority = (graph: BundleGraph, priority: 'urgent' | 'stat'): BundleGraph =>
    updateEntry(graph, target, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.priority = priority;
    });

  it('that was processed is nothing when it is pressed again', async () => {
    const { update, arrived } = await submitted();
    const graph = withCoverage(update.getAdopted().graph);

    expect(await update.submit(graph)).toMatchObject({ kind: 'done' });
    expect(await update.submit(graph)).toMatchObject({ kind: 'done' });
    await update.submit(update.getAdopted().graph);
    expect(arrived).toHaveLength(2);
  });

  it('whose reply comes while the next one is asked about leaves that question; the next one goes under the ids of that reply', async () => {
    const { update, arrived, messenger } = await submittedBy({}, takesOver);
    const graph = withCoverage(update.getAdopted().graph);
    expect(await update.submit(graph, { async: true })).toMatchObject({ kind: 'accepted' });
    expect(await update.submit(withPriority(graph, 'urgent'))).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'accepted' } });
    await messenger.accept(managed(readMessage(arrived[1] ?? '')).bytes);

    await expect.poll(() => update.getState()).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'done' } });
    expect(await update.submitAnyway()).toMatchObject({ kind: 'done' });
    expect(urlsIn(arrived[2])).toEqual([target, `${ward}/Patient/41`, `${ward}/Coverage/42`]);
  });

  it('whose reply comes after the next one was sent all the same has its ids taken over', async () => {
    const { update, arrived, messenger } = await submittedBy({}, takesOver, status(422));
    const graph = withCoverage(update.getAdopted().graph);
    await update.submit(graph, { async: true });
    await update.submit(withPriority(graph, 'urgent'));
    expect(await update.submitAnyway()).toMatchObject({ kind: 'refused' });
    await messenger.accept(managed(readMessage(arrived[1] ?? '')).bytes);
    await expect.poll(() => update.getAdopted().graph.get(`${ward}/Coverage/42`)).toBeDefined();

    expect(update.getState()).toMatchObject({ kind: 'refused' });
    expect(await update.submit(withPriority(graph, 'stat'))).toMatchObject({ kind: 'done' });
    expect(urlsIn(arrived[3])).toEqual([target, `${ward}/Patient/41`, `${ward}/Coverage/42`]);
  });

  it('whose reply comes after the next one, with the same entry, was processed: the next update goes all the same', async () => {
    const { update, arrived, messenger } = await submittedBy({}, takesOver);
    const graph = withCoverage(update.getAdopted().graph);
    await update.submit(graph, { async: true });
    await update.submit(withPriority(graph, 'urgent'));
    expect(await update.submitAnyway()).toMatchObject({ kind: 'done' });
    let changes = 0;
    update.subscribe(() => (changes += 1));
    await messenger.accept(managed(readMessage(arrived[1] ?? '')).bytes);
    await expect.poll(() => changes).toBe(1);

    expect(await update.submit(withPriority(graph, 'stat'))).toMatchObject({ kind: 'done' });
    expect(urlsIn(arrived[3])).toEqual([target, `${ward}/Patient/41`, `${ward}/Coverage/42`]);
  });

  it('whose reply comes after the next one was processed changes the ids alone, not what is known of the record', async () => {
    const { update, arrived, messenger } = await submittedBy({}, takesOver);
    await update.submit(withPriority(update.getAdopted().graph, 'stat'), { async: true });
    await update.submit(withPriority(update.getAdopted().graph, 'urgent'));
    expect(await update.submitAnyway()).toMatchObject({ kind: 'done' });
    let changes = 0;
    update.subscribe(() => (changes += 1));
    await messenger.accept(managed(readMessage(arrived[1] ?? '')).bytes);
    await expect.poll(() => changes).toBe(1);

    expect(update.getAdopted().graph.get(target)).toMatchObject({ priority: 'urgent' });
    expect(update.getState()).toMatchObject({ kind: 'done' });
  });
});

describe('updates of a submitted message', () => {
  it("begin with its graph under the server's ids", async () => {
    const { update } = await submitted();

    expect(update.getState()).toEqual({ kind: 'idle' });
    expect(update.getAdopted().graph.get(target)).toMatchObject({ status: 'active', subject: { reference: `${ward}/Patient/41` } });
    expect(update.getAdopted().issues).toEqual([]);
    expect(refersToSubmittedReferral(update.getAdopted().graph)).toEqual([]);
  });

  it('are sent under them, one after another; the same again is nothing', async () => {
    const { update, arrived } = await submitted();
    const urgent = updateEntry(update.getAdopted().graph, target, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.priority = 'urgent';
    });

    expect(await update.submit(urgent)).toMatchObject({ kind: 'done' });
    await update.submit(urgent);
    await update.submit(update.getAdopted().graph);
    expect(arrived).toHaveLength(2);
    expect(urlsIn(arrived[1])).toEqual([target, `${ward}/Patient/41`]);

    const withCoverage = addEntry(update.getAdopted().graph, { fullUrl: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c03', resource: { resourceType: 'Coverage', status: 'active', beneficiary: { reference: `${ward}/Patient/41` }, payor: [{ display: 'x' }] } });
    const linked = updateEntry(withCoverage, target, (draft) => {
      if (draft.resourceType === 'ServiceRequest') draft.insurance = [{ reference: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c03' }];
    });
    expect(await update.submit(linked)).toMatchObject({ kind: 'done' });
    expect(arrived).toHaveLength(3);
    expect(update.getAdopted().graph.get(`${ward}/Coverage/42`)).toMatchObject({ resourceType: 'Coverage' });

    // The graph as it was before that round has the urn still, and the server's id all the same when it is sent.
    await update.submit(updateEntry(linked, target, (draft) => void (draft.language = 'en')));
    expect(urlsIn(arrived[3])).toEqual([target, `${ward}/Patient/41`, `${ward}/Coverage/42`]);
  });

  it('are sent under the id that the server gave last, where it keeps our fullUrl', async () => {
    const keeps: Answer = (message, outgoing) => {
      const position = arrived.length;
      const focus = message.graph.entries.slice(1).flatMap(({ fullUrl = '', resource }) => (resource ? [{ fullUrl, resource: { ...resource, id: `manager-${position}` } }] : []));
      outgoing.writeHead(200, { 'content-type': 'application/fhir+json' }).end(createReply(message, { source: ward, focus }).bytes);
    };
    const { arrived, messenger, stop } = await wardThat([keeps]);
    onTestFinished(() => stop());
    const done = await observeSubmission(messenger, submitServiceRequest).submit({ ServiceRequest: order, Patient: patient });
    if (done.kind !== 'done') throw new Error(done.kind);
    const update = observeUpdate(messenger, submitServiceRequest, done);
    await update.submit(update.getAdopted().graph);
    await update.submit(updateEntry(done.message.graph, order.fullUrl, (draft) => void (draft.language = 'en')));

    const sent = arrived.map((text) => readMessage(text).graph.get(order.fullUrl)?.id);
    expect(sent).toEqual([undefined, 'manager-1', 'manager-2']);
  });

  it('may be made of the graph that was submitted: its entries are renamed', async () => {
    const { update, arrived, done } = await submitted();
    await update.submit(updateEntry(done.message.graph, order.fullUrl, (draft) => void (draft.language = 'en')));

    expect(urlsIn(arrived[1])).toEqual([target, `${ward}/Patient/41`]);
  });

  it('are not sent when the ids do not cover the focus: the update could mean another record', async () => {
    const { update, arrived, messenger } = await submitted();
    const other = messenger.create(submitServiceRequest, { ServiceRequest: { ...order, fullUrl: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c09' }, Patient: patient });

    expect(await update.submit(other.graph)).toMatchObject({ kind: 'invalid', error: { code: 'adopt.incomplete' } });
    expect(arrived).toHaveLength(1);
  });

  it('nor of a graph without a header, whose focus the event says', async () => {
    const { update, arrived } = await submitted();
    const { graph } = update.getAdopted();
    const record = removeEntry(graph, graph.entries[0]?.key ?? '');

    expect(await update.submit(renameEntry(record, target, `${ward}/ServiceRequest/7`))).toMatchObject({ kind: 'invalid', error: { code: 'adopt.incomplete' } });
    expect(arrived).toHaveLength(1);
    expect(await update.submit(updateEntry(record, target, (draft) => void (draft.language = 'en')))).toMatchObject({ kind: 'done' });
  });

  it('are of the release of that message', async () => {
    const server = await wardThat([manages]);
    onTestFinished(() => server.stop());
    const done = await observeSubmission(server.messenger, submitServiceRequest).submit({ ServiceRequest: order, Patient: patient }, { release: 'R5' });
    if (done.kind !== 'done') throw new Error(done.kind);
    const update = observeUpdate(server.messenger, updateServiceRequest, done);

    expect(await update.submit(updateEntry(update.getAdopted().graph, target, (draft) => void (draft.language = 'en')))).toMatchObject({ kind: 'done', message: { release: 'R5' } });
  });

  it('go where the options say that are an instance of a class: by their getters', async () => {
    const { update, arrived } = await submitted();
    const options = new (class {
      get destination() {
        return 'https://other.example.org';
      }
    })();
    await update.submit(updateEntry(update.getAdopted().graph, target, (draft) => void (draft.language = 'en')), options);

    expect(arrived[1]).toContain('"destination":[{"endpoint":"https://other.example.org"}]');
  });

  it('that may have arrived are the same message again, and asked about when changed', async () => {
    const { update, arrived } = await submitted(vanishes);
    const urgent = updateEntry(update.getAdopted().graph, target, (draft) => void (draft.language = 'en'));
    await update.submit(urgent);

    expect(await update.submit(updateEntry(urgent, target, (draft) => void (draft.language = 'de')))).toMatchObject({ kind: 'mayHaveArrived' });
    const other = renameEntry(urgent, target, 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c09');
    expect(await update.submit(other)).toMatchObject({ kind: 'invalid' });
    expect(await update.submitAnyway()).toMatchObject({ kind: 'invalid' });
    expect(arrived).toHaveLength(2);
    expect(await update.submit(urgent)).toMatchObject({ kind: 'done' });
    expect(arrived[2]).toBe(arrived[1]);
  });
});
