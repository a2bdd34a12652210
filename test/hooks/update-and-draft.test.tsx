import { createMessage, readMessage, removeEntry, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, Draft, Submission, Submitted, Update } from '@fhir-messaging/core';
import { MessagingProvider, useDraftEntry, useMessageDraft, useSubmitMessage, useUpdateMessage } from '@fhir-messaging/react-hooks';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import type { FhirResource } from 'fhir/r4';
import { act, memo, StrictMode, useEffect } from 'react';
import type { ReactElement } from 'react';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admit, admits, gate, patient, vanishes, wardThat } from '../observers/ward.ts';
import { reached, show } from './screen.ts';

const base = 'https://ehr.example.org/fhir';
const subject = { reference: 'Patient/2' };
const message = createMessage(
  submitServiceRequest,
  {
    ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject, insurance: [3, 4].map((id) => ({ reference: `Coverage/${id}` })) },
    Patient: { resourceType: 'Patient', id: '2' },
    Coverage: [3, 4].map((id) => ({ resourceType: 'Coverage', id: String(id), status: 'active', beneficiary: subject, payor: [{ display: 'Payor' }] })),
  },
  { source: 'https://app.example.org', base },
);

describe('useMessageDraft', () => {
  it('shows edits, undo and redo, whether there is anything to save, and the issues as one types', async () => {
    let draft: Draft<FhirResource> | undefined;
    function Order(): ReactElement {
      const own = useMessageDraft(() => message);
      draft = own;
      const { graph, canUndo, canRedo, dirty, issues } = own.state;
      return <>{JSON.stringify([graph.get('ServiceRequest/1')?.status, canUndo, canRedo, dirty, issues.some(({ rule }) => rule === 'payload.min')])}</>;
    }
    const screen = await show(<StrictMode><Order /></StrictMode>);
    expect(screen.text()).toBe('["active",false,false,false,false]');
    await act(async () => draft?.edit('ServiceRequest/1', (order) => void (order.status = 'revoked')));
    expect(screen.text()).toBe('["revoked",true,false,true,false]');
    await act(async () => draft?.undo());
    expect(screen.text()).toBe('["active",false,true,false,false]');
    await act(async () => draft?.redo());
    expect(screen.text()).toBe('["revoked",true,false,true,false]');
    await act(async () => draft?.change((graph) => removeEntry(graph, 'Patient/2')));
    expect(screen.text()).toBe('["revoked",true,false,true,true]');
  });

  it('keeps its edits when its owner renders again, whatever it is given then', async () => {
    let draft: Draft<FhirResource> | undefined;
    function Order({ graph }: { graph: BundleGraph }): ReactElement {
      draft = useMessageDraft(graph);
      return <>{draft.getState().graph.get('Patient/2')?.gender}</>;
    }
    const screen = await show(<Order graph={message.graph} />);
    await act(async () => draft?.edit('Patient/2', (known) => void (known.gender = 'female')));
    await screen.show(<Order graph={createMessage(submitServiceRequest, message.graph, { source: 'urn:example:app' }).graph} />);

    expect(screen.text()).toBe('female');
  });

  it('an edit renders only what shows the edited entry', async () => {
    const rendered: string[] = [];
    let draft: Draft<FhirResource> | undefined;
    const Entry = memo(function Entry({ of, name }: { of: Draft<FhirResource>; name: string }): ReactElement {
      rendered.push(name);
      return <i>{useDraftEntry(of, name)?.language}</i>;
    });
    const Page = memo(function Page({ own }: { own: Draft<FhirResource> }): ReactElement {
      rendered.push('page');
      return <>{own.getState().graph.entries.map(({ key }) => <Entry key={key} of={own} name={key} />)}</>;
    });
    function Owner(): ReactElement {
      const { state, ...actions } = useMessageDraft(message);
      draft ??= actions;
      rendered.push('owner');
      return <>{state.canUndo && 'undo '}<Page own={draft} /></>;
    }
    const screen = await show(<Owner />);
    expect(rendered).toHaveLength(2 + message.graph.size);
    rendered.length = 0;
    await act(async () => draft?.edit('Coverage/4', (coverage) => void (coverage.language = 'en')));

    expect(screen.text()).toBe('undo en');
    expect(rendered).toEqual(['owner', `${base}/Coverage/4`]);
  });
});

describe('useUpdateMessage', () => {
  it("begins with the submitted message under the server's ids, and sends its updates under them", async () => {
    const server = await wardThat([admits]);
    onTestFinished(server.stop);
    let submission: Submission<never> | undefined;
    let update: Update<unknown, FhirResource> | undefined;
    function Page(): ReactElement {
      const own = useSubmitMessage(admit);
      const { state, submit } = own;
      submission = own;
      return state.kind === 'done' ? <Submittal submitted={state} /> : <button onClick={() => void submit({ Patient: patient })}>Admit</button>;
    }
    function Submittal({ submitted }: { submitted: Submitted<FhirResource> }): ReactElement {
      const own = useUpdateMessage(admit, submitted);
      update = own;
      const draft = useMessageDraft(own.adopted.graph, { event: admit });
      const known = draft.state.graph.all('Patient')[0];
      return (
        <>
          {[own.state.kind, known?.id, String(draft.state.dirty)].join()}
          <button onClick={() => draft.edit(`Patient/${known?.id ?? ''}`, (edited) => void (edited.gender = 'female'))}>Edit</button>
          <button onClick={() => void own.submit(draft.state.graph)}>Update</button>
        </>
      );
    }
    const screen = await show(<StrictMode><MessagingProvider messenger={server.messenger}><Page /></MessagingProvider></StrictMode>);
    await screen.click('Admit');
    if (submission) await reached(submission, 'done');
    expect(screen.text()).toContain('idle,77,false');
    await screen.click('Edit');
    await screen.click('Update', 2);
    if (update) await reached(update, 'done');
    await screen.click('Update');

    expect(screen.text()).toContain('done,77,true');
    expect(server.arrived).toHaveLength(2);
    expect(JSON.parse(server.arrived[1] ?? '')).toMatchObject({ entry: [{}, { fullUrl: 'https://ward.example.org/fhir/Patient/77', resource: { gender: 'female' } }] });
  });

  it('has a draft go on from each message that was sent: what was typed meanwhile stays, and nothing else is a change', async () => {
    const server = await wardThat([admits]);
    onTestFinished(server.stop);
    let submission: Submission<never> | undefined;
    let draft: Draft<FhirResource> | undefined;
    const first = server.messenger.create(admit, { Patient: patient }).graph;
    function Page(): ReactElement {
      const own = useSubmitMessage(admit);
      const drafted = useMessageDraft(first, { event: admit });
      submission = own;
      draft = drafted;
      const { graph, dirty } = drafted.state;
      return (
        <>
          {[own.state.kind, graph.all('Patient')[0]?.id, graph.all('Patient')[0]?.gender, String(dirty)].join()}
          <button onClick={() => void own.submit(graph)}>Admit</button>
          {own.state.kind === 'done' && <GoOn submitted={own.state} draft={drafted} />}
        </>
      );
    }
    function GoOn({ submitted, draft: { rebase } }: { submitted: Submitted<FhirResource>; draft: Draft<FhirResource> }): null {
      const { adopted } = useUpdateMessage(admit, submitted);
      useEffect(() => rebase(adopted), [rebase, adopted]);
      return null;
    }
    const screen = await show(<StrictMode><MessagingProvider messenger={server.messenger}><Page /></MessagingProvider></StrictMode>);
    const patientKey = first.entries[1]?.key ?? '';
    await act(async () => draft?.change((graph) => updateEntry(graph, patientKey, (edited) => void Object.assign(edited, { active: true }))));
    await screen.click('Admit');
    await act(async () => draft?.change((graph) => updateEntry(graph, patientKey, (edited) => void Object.assign(edited, { gender: 'female' }))));
    if (submission) await reached(submission, 'done');

    await screen.shows('done,77,female,true');
    expect(draft?.getState().changes.changed).toEqual([{ key: 'https://ward.example.org/fhir/Patient/77', patch: [{ op: 'add', path: '/gender', value: 'female' }] }]);
    await act(async () => draft?.edit('Patient/77', (edited) => void delete edited.gender));
    expect(screen.text()).toContain('done,77,,false');
  });

  describe('in a form whose draft goes on from each update', () => {
    /** The form of the README. */
    function Form({ submitted, onUpdate }: { submitted: Submitted<FhirResource>; onUpdate: (update: Update<unknown, FhirResource>) => void }): ReactElement {
      const own = useUpdateMessage(admit, submitted);
      const { adopted, submit, state: sent } = own;
      const { state, change, rebase } = useMessageDraft(adopted.graph, { event: admit });
      useEffect(() => rebase(adopted), [rebase, adopted]);
      onUpdate(own);
      const known = state.graph.all('Patient')[0];
      const set = (members: object) => () => change((graph) => updateEntry(graph, 'Patient/77', (edited) => void Object.assign(edited, members)));
      return (
        <>
          {[sent.kind, known?.gender, known?.birthDate, state.dirty ? 'dirty' : 'clean'].join()}
          <button onClick={set({ gender: 'female' })}>Female</button>
          <button onClick={set({ birthDate: '1970-01-01' })}>Born</button>
          <button onClick={() => void submit(state.graph)}>Send</button>
        </>
      );
    }

    async function opened(answers: Parameters<typeof wardThat>[0]) {
      const server = await wardThat(answers);
      onTestFinished(server.stop);
      const message = server.messenger.create(admit, { Patient: patient });
      const reply = await server.messenger.send(message);
      if (reply.kind !== 'ok') throw new Error(reply.kind);
      const submitted = { message, reply };
      let update: Update<unknown, FhirResource> | undefined;
      const form = (key: string): ReactElement => <Form key={key} submitted={submitted} onUpdate={(own) => void (update = own)} />;
      const page = (...keys: string[]): ReactElement => <StrictMode><MessagingProvider messenger={server.messenger}>{keys.map(form)}</MessagingProvider></StrictMode>;
      return { server, page, done: async () => update && reached(update, 'done') };
    }

    it('left while an update is being sent, and come back to, it shows the update when it is done, and takes nothing of it back', async () => {
      const { opened: isOpen, open } = gate();
      const { server, page, done } = await opened([admits, async (...answered) => (await isOpen, admits(...answered)), admits]);
      const screen = await show(page('a'));
      await screen.click('Female');
      await screen.click('Send');
      await screen.show(page());
      await screen.show(page('b'));
      expect(screen.text()).toContain('sending,,,clean');
      await screen.click('Born');
      open();
      await done();
      await screen.shows('done,female,1970-01-01,dirty');
      await screen.click('Send');
      await screen.shows('done,female,1970-01-01,clean');

      expect(JSON.parse(server.arrived[2] ?? '')).toMatchObject({ entry: [{}, { resource: { gender: 'female', birthDate: '1970-01-01' } }] });
    });

    it('beside another form of it, it shows what that one sent', async () => {
      const { page, done } = await opened([admits]);
      const screen = await show(page('a', 'b'));
      await screen.click('Female');
      await screen.click('Send');
      await done();

      await screen.shows('done,female,,clean');
      expect(screen.text().match(/done,female,,clean/g)).toHaveLength(2);
    });
  });

  it('left while its update is being sent, and come back to, it is the same update: nothing goes out twice', async () => {
    const { opened, open } = gate();
    const server = await wardThat([admits, async (...answered) => (await opened, admits(...answered))]);
    onTestFinished(server.stop);
    const message = server.messenger.create(admit, { Patient: patient });
    const sent = await server.messenger.send(message);
    if (sent.kind !== 'ok') throw new Error(sent.kind);
    const reply = sent;
    let update: Update<unknown, FhirResource> | undefined;
    function Order(): ReactElement {
      const own = useUpdateMessage(admit, { message, reply });
      update = own;
      return <button onClick={() => void own.submit(updateEntry(own.adopted.graph, 'Patient/77', (known) => void (known.gender = 'female')))}>{own.state.kind}</button>;
    }
    const page = (isShown: boolean): ReactElement => <MessagingProvider messenger={server.messenger}>{isShown && <Order />}</MessagingProvider>;
    const screen = await show(page(true));
    await screen.click('idle');
    await screen.shows('sending');
    await screen.show(page(false));
    await screen.show(page(true));
    expect(screen.text()).toBe('sending');
    await screen.click('sending');
    open();
    if (update) await reached(update, 'done');

    expect(screen.text()).toBe('done');
    expect(server.arrived).toHaveLength(2);
  });

  it('whose message is read anew in each render is the same: a change of one that may have arrived is sent after a question only', async () => {
    const server = await wardThat([admits, vanishes, admits]);
    onTestFinished(server.stop);
    const { bytes } = server.messenger.create(admit, { Patient: patient });
    const read = () => readMessage(bytes, { events: [admit] });
    const reply = await server.messenger.send(read());
    if (reply.kind !== 'ok') throw new Error(reply.kind);
    const Order = ({ gender }: { gender: 'male' | 'female' }): ReactElement => {
      const { adopted, state, submit } = useUpdateMessage(admit, { message: read(), reply });
      return <button onClick={() => void submit(updateEntry(adopted.graph, 'Patient/77', (known) => void (known.gender = gender)))}>{state.kind}</button>;
    };
    const page = (gender: 'male' | 'female'): ReactElement => <MessagingProvider messenger={server.messenger}><Order gender={gender} /></MessagingProvider>;
    const screen = await show(page('male'));
    await screen.click('idle');
    await screen.shows('failed');
    await screen.show(page('female'));
    await screen.click('failed');
    await screen.shows('mayHaveArrived');

    expect(server.arrived).toHaveLength(2);
  });
});
