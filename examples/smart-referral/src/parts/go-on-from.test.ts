import { createMessage, observeDraft, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, Draft } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import type { FhirResource } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { goOnFrom } from './go-on-from.ts';

const order = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } } as const;
const options = { source: 'https://app.example.org', base: 'https://ehr.example.org/fhir' };
const { graph: referral } = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: '2' } }, options);

const noted = (graph: BundleGraph, text: string): BundleGraph =>
  updateEntry(graph, 'ServiceRequest/1', (edited) => {
    edited.note = [{ text }];
  });
const noteIn = ({ getState }: Draft<FhirResource>): string | undefined => getState().graph.get('ServiceRequest/1')?.note?.[0]?.text;
const message = (id: string, graph: BundleGraph, isOver = false, addedAtMs = 2): Parameters<typeof goOnFrom>[1] => ({ id, isOver, addedAtMs, content: { graph, message: undefined, reply: undefined, issues: [] } });

const asked = noted(referral, 'Ask for a date');
const first = message('referral', referral, false, 1);
const onItsWay = message('change', asked);
const turnedDown = message('change', asked, true);

/** A draft that began on a change that is on its way. */
const begun = (): Draft<FhirResource> => {
  const draft = observeDraft<FhirResource>(referral);
  goOnFrom(asked, onItsWay, undefined, draft);
  return draft;
};

describe('the draft of the next change', () => {
  it('keeps what was written while a change was on its way, where that is turned down: on top of what is to be mended', () => {
    const draft = begun();
    draft.change((graph) => noted(graph, 'Allergic to penicillin'));
    goOnFrom(referral, turnedDown, onItsWay, draft);

    expect([noteIn(draft), draft.getState().dirty]).toEqual(['Allergic to penicillin', true]);
    draft.undo();
    expect(noteIn(draft)).toBe('Ask for a date');
    draft.undo();
    expect([noteIn(draft), draft.getState().dirty]).toEqual([undefined, false]);
  });

  it('has what was turned down, to be mended, where nothing else was written', () => {
    const draft = begun();
    goOnFrom(referral, turnedDown, onItsWay, draft);

    expect([noteIn(draft), draft.getState().dirty]).toEqual(['Ask for a date', true]);
  });

  it('keeps what was written where what it began on only gets further', () => {
    const draft = begun();
    draft.change((graph) => noted(graph, 'Allergic to penicillin'));
    goOnFrom(noted(referral, 'As it was received'), message('change', asked), onItsWay, draft);

    expect(noteIn(draft)).toBe('Allergic to penicillin');
  });

  it('has what was taken back, to be changed or sent again', () => {
    const draft = begun();
    goOnFrom(referral, first, onItsWay, draft);

    expect([noteIn(draft), draft.getState().dirty]).toEqual(['Ask for a date', true]);
    draft.undo();
    expect([noteIn(draft), draft.getState().dirty]).toEqual([undefined, false]);
  });

  it('keeps what was written after a change that is taken back, on top of that', () => {
    const draft = begun();
    draft.change((graph) => noted(graph, 'Allergic to penicillin'));

    expect(goOnFrom(referral, first, onItsWay, draft)).toBe(false);
    expect(noteIn(draft)).toBe('Allergic to penicillin');
    draft.undo();
    expect(noteIn(draft)).toBe('Ask for a date');
  });

  it('says no word of what was sent from here: it is in the queue', () => {
    const draft = begun();
    draft.change((graph) => noted(graph, 'Allergic to penicillin'));
    const { graph: sent } = draft.getState();

    expect(goOnFrom(sent, message('next', sent, false, 3), onItsWay, draft, sent)).toBe(false);
    expect([noteIn(draft), draft.getState().dirty]).toEqual(['Allergic to penicillin', false]);
  });

  it('begins anew on another change that was queued meanwhile, and says so where something was written', () => {
    const draft = begun();
    draft.change((graph) => noted(graph, 'Allergic to penicillin'));
    const other = noted(referral, 'From another window');

    expect(goOnFrom(other, message('other', other, false, 3), onItsWay, draft)).toBe(true);
    expect(goOnFrom(other, message('another', other, false, 4), message('other', other, false, 3), draft)).toBe(false);

    expect([noteIn(draft), draft.getState().dirty, draft.getState().canUndo]).toEqual(['From another window', false, false]);
  });
});
