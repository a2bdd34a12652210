import { addEntry, adoptReply, createMessage, createReply, graphOf, issueTarget, observeDraft, readMessage, removeEntry, renameEntry, updateEntry } from '@fhir-messaging/core';
import type { Adoption, BundleGraph } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { statesOf, ward } from './ward.ts';

const base = 'https://ehr.example.org/fhir';
const message = createMessage(
  submitServiceRequest,
  { ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } }, Patient: { resourceType: 'Patient', id: '2' } },
  { source: 'https://app.example.org', base },
);
const draftOf = () => observeDraft(message);
const note = (draft: ReturnType<typeof draftOf>, text: string, group?: string): void => draft.edit('ServiceRequest/1', (order) => void (order.patientInstruction = text), { group });

describe('a draft', () => {
  it('is edited without touching what it began with, or any other entry', () => {
    const draft = draftOf();
    const before = draft.getState().graph;
    note(draft, 'Fasting.');
    const { graph } = draft.getState();

    expect(graph.get('ServiceRequest/1')?.patientInstruction).toBe('Fasting.');
    expect(message.graph.get('ServiceRequest/1')?.patientInstruction).toBeUndefined();
    expect(graph.get('Patient/2')).toBe(before.get('Patient/2'));
  });

  it('tells of an edit once, and of one that changes nothing not at all', () => {
    const draft = draftOf();
    const states = statesOf(draft);
    note(draft, 'Fasting.');
    note(draft, 'Fasting.');
    draft.redo();

    expect(states).toHaveLength(2);
  });

  it('undoes and redoes', () => {
    const draft = draftOf();
    const [first] = statesOf(draft);
    note(draft, 'a');
    note(draft, 'b');
    draft.undo();
    expect(draft.getState().graph.get('ServiceRequest/1')?.patientInstruction).toBe('a');
    draft.undo();
    expect(draft.getState()).toMatchObject({ canUndo: false, canRedo: true });
    expect(draft.getState().graph).toBe(first?.graph);
    draft.redo();
    draft.redo();
    expect(draft.getState()).toMatchObject({ canUndo: true, canRedo: false });
    expect(draft.getState().graph.get('ServiceRequest/1')?.patientInstruction).toBe('b');
  });

  it('takes what is typed into one field as one step to undo, until something else is done', () => {
    const draft = draftOf();
    for (const text of ['F', 'Fa', 'Fas']) note(draft, text, 'instruction');
    draft.edit('Patient/2', (patient) => void (patient.active = true));
    for (const text of ['Fast', 'Fasting']) note(draft, text, 'instruction');
    draft.undo();
    expect(draft.getState().graph.get('ServiceRequest/1')?.patientInstruction).toBe('Fas');
    draft.undo();
    draft.undo();
    expect(draft.getState()).toMatchObject({ canUndo: false, dirty: false });
  });

  it('after an undo, typing in the same field is a step of its own', () => {
    const draft = draftOf();
    note(draft, 'a', 'instruction');
    note(draft, 'b');
    draft.undo();
    note(draft, 'c', 'instruction');
    draft.undo();

    expect(draft.getState().graph.get('ServiceRequest/1')?.patientInstruction).toBe('a');
  });

  it('where a group leads back to what was there before it, its next edit takes no other step away', () => {
    const draft = draftOf();
    note(draft, 'a');
    const before = draft.getState().graph;
    note(draft, 'ab', 'note');
    draft.change(() => before, { group: 'note' });
    note(draft, 'abc', 'note');
    draft.undo();

    expect(draft.getState().graph).toBe(before);
  });

  it('is dirty while it differs from what it began with, and says how', () => {
    const draft = draftOf();
    expect(draft.getState().dirty).toBe(false);
    note(draft, 'x');
    expect(draft.getState()).toMatchObject({ dirty: true, changes: { changed: [{ key: `${base}/ServiceRequest/1`, patch: [{ op: 'add', path: '/patientInstruction', value: 'x' }] }] } });
    draft.edit('ServiceRequest/1', (order) => void delete order.patientInstruction);
    expect(draft.getState().dirty).toBe(false);
  });

  it('begins anew by a reset, with nothing to undo', () => {
    const draft = draftOf();
    note(draft, 'x');
    const { graph } = draft.getState();
    draft.reset(graph);
    expect(draft.getState()).toMatchObject({ dirty: false, canUndo: false });
    draft.reset();
    expect(draft.getState().graph).toBe(message.graph);
    expect(draft.getState().dirty).toBe(false);
  });

  it('says as one types what a message of it would be refused for', () => {
    const draft = draftOf();
    expect(draft.getState().issues).toEqual([]);
    draft.change((graph) => removeEntry(graph, 'Patient/2'));
    const { issues } = draft.getState();

    expect(issues.map(({ rule }) => rule)).toContain('payload.min');
    expect(draft.getState().issues).toBe(issues);
    draft.undo();
    expect(draft.getState().issues).toEqual([]);
  });

  it('is held against the contract of the message that it is to be, not the one that it was', () => {
    const { issues } = observeDraft(message, { event: updateServiceRequest }).getState();
    const urns = createMessage(submitServiceRequest, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c02' } }, Patient: { fullUrl: 'urn:uuid:1f0c9c6e-4b8d-4f8e-9a55-3d8b5e0a7c02', resource: { resourceType: 'Patient' } } }, { source: 'https://app.example.org' });

    expect(issues).toEqual([]);
    expect(observeDraft(urns, { event: updateServiceRequest }).getState().issues.map(({ rule }) => rule)).toEqual(['netsmart.update-target']);
  });

  it('is held against the contract of its message where an option is there without a value', () => {
    const draft = observeDraft(message, { event: undefined, release: undefined });
    draft.change((graph) => removeEntry(graph, 'Patient/2'));

    expect(draft.getState().issues.map(({ rule }) => rule)).toContain('payload.min');
  });

  it('of a graph without an event is held against FHIR alone', () => {
    const draft = observeDraft(message.graph);
    draft.change((graph) => removeEntry(graph, 'Patient/2'));


    expect(draft.getState().issues.map(({ rule }) => rule)).toEqual(['header.destination', 'reference.external']);
  });

  it('takes its options from an instance of a class too: by its getters', () => {
    class Options {
      get header(): object {
        return { responsible: { reference: 'Practitioner/of-nobody' } };
      }
    }
    const of = (options: object) => observeDraft(message, options).getState().issues.map(({ expression }) => expression?.[0] ?? '');

    expect(of(new Options())).toEqual(of({ header: new Options().header }));
    expect(of(new Options())).not.toEqual(of({}));
  });

  it('of a draft without a header too, its issues lead to the resource that they are about', () => {
    const draft = observeDraft(removeEntry(message.graph, message.graph.entries[0]?.key ?? ''), { event: submitServiceRequest });
    draft.edit('ServiceRequest/1', (order) => {
      order.subject = { reference: '#nobody' };
    });
    const { graph, issues } = draft.getState();

    expect(issues.map((issue) => issueTarget(issue, graph)?.path)).toContain('ServiceRequest.subject');
  });

  it('an edit that cannot be is thrown, and changes nothing', () => {
    const draft = draftOf();
    const states = statesOf(draft);

    expect(() => draft.edit('Patient/9', () => undefined)).toThrow(expect.objectContaining({ code: 'entry.unknown' }));
    expect(states).toHaveLength(1);
  });
});

describe('a draft that was sent', () => {
  const source = 'https://app.example.org';
  const order = `${ward}/ServiceRequest/40`;

  /** The adoption of the reply of a server that has ids of its own for order and patient. */
  function sentAs(graph: BundleGraph): Adoption<BundleGraph['focus'][number]> {
    const request = createMessage(submitServiceRequest, graph, { source });
    const named = request.graph.entries.slice(1).reduce((all, { key, resource }, position) => renameEntry(all, key, `${ward}/${resource?.resourceType ?? ''}/${position + 40}`), request.graph);
    const focus = named.entries.slice(1).flatMap(({ fullUrl = '', resource }) => (resource ? { fullUrl, resource } : []));
    return adoptReply(request, createReply(request, { source: ward, focus }));
  }

  it.each([
    ['with a header', message.graph],
    ['without one', removeEntry(message.graph, message.graph.entries[0]?.key ?? '')],
  ])('has no change any more, and those that come later count from what was sent, under the ids of the server (%s)', (_header, graph) => {
    const draft = observeDraft(graph, { event: submitServiceRequest });
    note(draft, 'Fasting.');
    const sent = sentAs(draft.getState().graph);
    draft.edit('Patient/2', (patient) => void (patient.active = true));
    draft.rebase(sent);

    expect(draft.getState()).toMatchObject({ canUndo: false, dirty: true, changes: { added: [], removed: [], changed: [{ key: `${ward}/Patient/41`, patch: [{ op: 'add', path: '/active', value: true }] }] } });
    expect(draft.getState().graph.get(order)).toMatchObject({ patientInstruction: 'Fasting.', subject: { reference: 'Patient/41' } });
    draft.edit(`${ward}/Patient/41`, (patient) => void Reflect.deleteProperty(patient, 'active'));
    expect(draft.getState()).toMatchObject({ dirty: false, canUndo: true });
  });

  it('goes back to what was sent by a reset', () => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    draft.rebase(sentAs(draft.getState().graph));
    draft.edit('ServiceRequest/40', (edited) => void (edited.status = 'revoked'));
    draft.reset();

    expect(draft.getState().graph.get(order)).toMatchObject({ patientInstruction: 'Fasting.', status: 'active' });
    expect(draft.getState().dirty).toBe(false);
  });

  it('stays as it is when the same is told again, after further edits, which can still be undone', () => {
    const draft = draftOf();
    const sent = sentAs(message.graph);
    draft.rebase(sent);
    draft.edit('ServiceRequest/40', (edited) => void (edited.status = 'revoked'));
    const { graph } = draft.getState();
    draft.rebase(sent);

    expect(draft.getState()).toMatchObject({ graph, canUndo: true });
    expect(draft.getState().changes.changed.map(({ key }) => key)).toEqual([order]);
  });

  it('stays as it is when it is told what it began with, after a reset to something else', () => {
    const sent = sentAs(message.graph);
    const draft = observeDraft(sent.graph);
    const kept = updateEntry(sent.graph, 'ServiceRequest/40', (edited) => void (edited.status = 'revoked'));
    draft.reset(kept);
    draft.rebase(sent);

    expect(draft.getState().graph).toBe(kept);
  });

  it('counts from what was sent where the server assigned no ids', () => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    draft.rebase({ graph: draft.getState().graph, assigned: [], issues: [] });

    expect(draft.getState().dirty).toBe(false);
  });

  it('keeps undone what was undone while it was being sent: that is a change now', () => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    const sent = sentAs(draft.getState().graph);
    draft.undo();
    note(draft, 'x');
    draft.undo();
    draft.rebase(sent);

    expect(draft.getState().changes.changed).toEqual([{ key: order, patch: [{ op: 'remove', path: '/patientInstruction' }] }]);
  });

  /** Another draft of the same message, as another form has it. */
  const elsewhere = (edit: (draft: ReturnType<typeof draftOf>) => void): ReturnType<typeof sentAs> => {
    const draft = draftOf();
    edit(draft);
    return sentAs(draft.getState().graph);
  };

  it('takes over what was sent from elsewhere: nothing is a change, and nothing is taken back', () => {
    const draft = draftOf();
    draft.rebase(elsewhere((form) => note(form, 'Fasting.')));

    expect(draft.getState()).toMatchObject({ dirty: false, canUndo: false });
    expect(draft.getState().graph.get(order)).toMatchObject({ patientInstruction: 'Fasting.', subject: { reference: 'Patient/41' } });
  });

  it('takes over what was sent from elsewhere and then taken back there: nobody typed it here', () => {
    const [draft, other] = [draftOf(), draftOf()];
    const send = (graph: BundleGraph): void => [draft, other].forEach(({ rebase }) => rebase({ graph: createMessage(submitServiceRequest, graph, { source }).graph, assigned: [], issues: [] }));
    note(other, 'Fasting.');
    const { graph } = other.getState();
    other.undo();
    draft.edit('Patient/2', (patient) => void (patient.active = true));
    send(graph);
    send(other.getState().graph);

    expect(draft.getState().graph.get('ServiceRequest/1')?.patientInstruction).toBeUndefined();
    expect(draft.getState().changes.changed.map(({ patch }) => patch)).toEqual([[{ op: 'add', path: '/active', value: true }]]);
  });

  it('takes over what was sent before a reload, of which this page has only what was written then', () => {
    const before = draftOf();
    note(before, 'Fasting.');
    const { graph } = readMessage(createMessage(submitServiceRequest, before.getState().graph, { source }).bytes);
    const draft = draftOf();
    draft.rebase({ graph, assigned: [], issues: [] });

    expect(draft.getState().dirty).toBe(false);
    expect(draft.getState().graph.get('ServiceRequest/1')).toMatchObject({ patientInstruction: 'Fasting.' });
  });

  it('takes over what was sent from elsewhere where the very same was typed here and undone', () => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    draft.undo();
    draft.rebase(elsewhere((form) => note(form, 'Fasting.')));

    expect(draft.getState().dirty).toBe(false);
    expect(draft.getState().graph.get('ServiceRequest/40')?.patientInstruction).toBe('Fasting.');
  });

  it('keeps its own edits over what was sent from elsewhere, element by element', () => {
    const draft = draftOf();
    draft.edit('ServiceRequest/1', (own) => void Object.assign(own, { priority: 'urgent', code: { text: 'mine' } }));
    draft.rebase(
      elsewhere((form) => {
        form.edit('ServiceRequest/1', (theirs) => void Object.assign(theirs, { status: 'revoked', code: { coding: [{ code: 'theirs' }] } }));
        form.edit('Patient/2', (patient) => void (patient.gender = 'female'));
      }),
    );

    expect(draft.getState().graph.get(order)).toMatchObject({ id: '40', status: 'revoked', priority: 'urgent', code: { text: 'mine' } });
    expect(draft.getState().graph.get('ServiceRequest/40')?.code?.coding).toBeUndefined();
    expect(draft.getState().graph.get(`${ward}/Patient/41`)).toMatchObject({ gender: 'female' });
    expect(draft.getState().changes.changed.map(({ key, patch }) => [key, patch.map(({ path }) => path).toSorted()])).toEqual([[order, ['/code/coding', '/code/text', '/priority']]]);
  });

  it('keeps one form of a choice: that which was typed here; an element that it removed is gone', () => {
    const begun = updateEntry(message.graph, 'ServiceRequest/1', (own) => void Object.assign(own, { occurrenceDateTime: '2026-11-24', priority: 'urgent' }));
    const draft = observeDraft(begun);
    draft.change((graph) =>
      updateEntry(graph, 'ServiceRequest/1', (own) => {
        Object.assign(own, { occurrenceDateTime: '2026-11-25' });
        delete own.priority;
      }),
    );
    const sent = updateEntry(begun, 'ServiceRequest/1', (theirs) => {
      Object.assign(theirs, { occurrencePeriod: { start: '2026-11-26' }, status: 'revoked' });
      delete theirs.occurrenceDateTime;
    });
    draft.rebase({ graph: sent, assigned: [], issues: [] });
    const merged = draft.getState().graph.get('ServiceRequest/1') ?? {};

    expect(merged).toMatchObject({ occurrenceDateTime: '2026-11-25', status: 'revoked' });
    expect(['occurrencePeriod', 'priority'].filter((name) => name in merged)).toEqual([]);
  });

  it('keeps a resource whole that it changed where what it contains is another elsewhere: a #id would come to mean somebody else', () => {
    const contain = (graph: BundleGraph, family: string, role: string): BundleGraph =>
      updateEntry(graph, 'ServiceRequest/1', (own) => void Object.assign(own, { contained: [{ resourceType: 'Practitioner', id: '1', name: [{ family }] }], [role]: { reference: '#1' } }));
    const begun: BundleGraph = message.graph;
    const draft = observeDraft(begun);
    draft.change((graph) => contain(graph, 'mine', 'requester'));
    draft.rebase({ graph: contain(begun, 'theirs', 'recorder'), assigned: [], issues: [] });

    expect(draft.getState().graph.get('ServiceRequest/1')).toMatchObject({ contained: [{ name: [{ family: 'mine' }] }], requester: { reference: '#1' } });
    expect(draft.getState().graph.get('ServiceRequest/1')).not.toHaveProperty('recorder');
  });

  it('keeps what it added and what it removed over what was sent from elsewhere, where that added and removed, too', () => {
    const names = ['a', 'b', 'c', 'd'].map((id) => `urn:example:${id}`);
    const [ownAdded = '', theirAdded = '', ownRemoved = '', theirRemoved = ''] = names;
    const add = (graph: BundleGraph, fullUrl: string): BundleGraph => addEntry(graph, { fullUrl, resource: { resourceType: 'Practitioner' } });
    const begun = [ownRemoved, theirRemoved].reduce<BundleGraph>(add, message.graph);
    const draft = observeDraft(begun);
    draft.change((graph) => removeEntry(add(graph, ownAdded), ownRemoved));
    draft.rebase({ graph: removeEntry(add(begun, theirAdded), theirRemoved), assigned: [], issues: [] });
    const { graph, changes } = draft.getState();

    expect(names.filter((name) => graph.get(name))).toEqual([ownAdded, theirAdded]);
    expect([changes.added.map(({ key }) => key), changes.removed.map(({ key }) => key), changes.changed]).toEqual([[ownAdded], [ownRemoved], []]);
  });

  it('keeps an entry that it changed and that was removed elsewhere: what was typed is not lost unseen', () => {
    const name = 'urn:example:coverage';
    const begun = addEntry<BundleGraph['focus'][number]>(message.graph, { fullUrl: name, resource: { resourceType: 'Practitioner' } });
    const draft = observeDraft(begun);
    draft.change((graph) => updateEntry(graph, name, (own) => void Object.assign(own, { active: true })));
    draft.rebase({ graph: removeEntry(begun, name), assigned: [], issues: [] });

    expect(draft.getState().changes.added.map(({ key }) => key)).toEqual([name]);
  });

  it('begins anew with a reset: what was sent of it before counts as sent from elsewhere', () => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    const sent = sentAs(draft.getState().graph);
    draft.reset();
    draft.rebase(sent);

    expect(draft.getState().dirty).toBe(false);
    expect(draft.getState().graph.get('ServiceRequest/40')?.patientInstruction).toBe('Fasting.');
  });

  const another = createMessage(
    submitServiceRequest,
    { ServiceRequest: { resourceType: 'ServiceRequest', id: '9', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } }, Patient: { resourceType: 'Patient', id: '2' } },
    { source, base },
  );
  it.each([
    ['another order was sent', () => sentAs(another.graph)],
    ['the reply does not say the id of what is in focus', () => adoptReply(message, createReply(message, { source: ward }))],
    ['the reply answers another message', () => adoptReply(message, createReply(another, { source: ward }))],
    ['nothing is in focus, which could say that it was sent', () => ({ graph: removeEntry(message.graph, message.graph.entries[0]?.key ?? ''), assigned: [], issues: [] })],
  ])('is left alone where %s', (_what, adoption) => {
    const draft = draftOf();
    note(draft, 'Fasting.');
    const states = statesOf(draft);
    draft.rebase(adoption());

    expect(states).toHaveLength(1);
  });

  it('is left alone where an entry of it has no name, as it may have been sent under one', () => {
    const sent = sentAs(message.graph);
    const draft = draftOf();
    draft.change((graph) => graphOf({ ...graph.bundle, entry: [...(graph.bundle.entry ?? []), { resource: { resourceType: 'Coverage', status: 'active' } }] }));
    const states = statesOf(draft);
    draft.rebase(sent);

    expect(states).toHaveLength(1);
  });

  it('is left alone where another entry of it has an id that the server assigned', () => {
    const sent = sentAs(message.graph);
    const draft = draftOf();
    draft.change((graph) => addEntry(graph, { fullUrl: `${ward}/Patient/41`, resource: { resourceType: 'Patient', id: '41' } }));
    const states = statesOf(draft);
    draft.rebase(sent);

    expect(states).toHaveLength(1);
  });
});
