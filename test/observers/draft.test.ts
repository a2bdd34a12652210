import { createMessage, observeDraft, removeEntry } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { describe, expect, it } from 'vitest';
import { statesOf } from './ward.ts';

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

  it('an edit that cannot be is thrown, and changes nothing', () => {
    const draft = draftOf();
    const states = statesOf(draft);

    expect(() => draft.edit('Patient/9', () => undefined)).toThrow(expect.objectContaining({ code: 'entry.unknown' }));
    expect(states).toHaveLength(1);
  });
});
