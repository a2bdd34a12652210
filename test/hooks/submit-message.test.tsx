import { readMessage } from '@fhir-messaging/core';
import type { Messenger, Submission } from '@fhir-messaging/core';
import { MessagingProvider, useSubmitMessage } from '@fhir-messaging/react-hooks';
import { act, startTransition, StrictMode, Suspense, useEffect, version } from 'react';
import type { ReactElement } from 'react';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admit, admits, gate, patient, vanishes, wardThat } from '../observers/ward.ts';
import type { Answer } from '../observers/ward.ts';
import { reached, show } from './screen.ts';

async function wardServer(answers: readonly Answer[], options?: Parameters<typeof wardThat>[1]) {
  const server = await wardThat(answers, options);
  onTestFinished(server.stop);
  return server;
}

/** What a test sees of a component. */
function notes() {
  const rendered: string[] = [];
  const latest: { submission?: Submission<never> } = {};
  /** The submission on screen. */
  const submission = (): Submission<never> => {
    if (!latest.submission) throw new Error('Nothing was rendered.');
    return latest.submission;
  };
  return { rendered, latest, submission };
}

function Admission({ seen, active, about }: { seen: ReturnType<typeof notes>; active?: boolean; about?: string }): ReactElement {
  const submission = useSubmitMessage(admit, { key: about });
  const { state } = submission;
  seen.rendered.push(state.kind);
  useEffect(() => {
    seen.latest.submission = submission;
  });
  return (
    <>
      <output>{state.kind}</output>
      <button onClick={() => void submission.submit({ Patient: { ...patient, ...(active !== undefined && { active }) } })}>Admit</button>
      <button onClick={submission.abort}>Stop</button>
      <button onClick={() => void submission.resend()}>Send the same again</button>
      <button onClick={() => void submission.submitAnyway()}>Send the change</button>
    </>
  );
}

const screenOf = (messenger: Messenger, ...children: ReactElement[]): ReactElement => <MessagingProvider messenger={messenger}>{children}</MessagingProvider>;
const at = (text: string): string => text.slice(0, text.indexOf('Admit'));

describe('a message that an earlier page was sending', () => {
  function Form({ about, unsettled }: { about?: string | undefined; unsettled?: ReturnType<typeof unsettledOf> | undefined }): ReactElement {
    const { state, submit } = useSubmitMessage(admit, { key: about, unsettled });
    return (
      <>
        <output>{state.kind}</output>
        <button onClick={() => void submit({ Patient: { ...patient, active: true } })}>Admit {about}</button>
      </>
    );
  }
  const unsettledOf = (messenger: Messenger) => messenger.create(admit, { Patient: patient });

  it.each([undefined, 'bed 4'])('is known in a later render than the first too, as when it is read from a store: a press for other content asks (key %s)', async (about) => {
    const { messenger, arrived } = await wardServer([admits]);
    const unsettled = unsettledOf(messenger);
    const screen = await show(screenOf(messenger, <Form key="form" about={about} />));
    await screen.show(screenOf(messenger, <Form key="form" about={about} unsettled={unsettled} />));
    await screen.click(`Admit ${about ?? ''}`);

    await screen.shows('mayHaveArrived');
    expect(arrived).toEqual([]);
  });

  it.each(['read in each render', 'kept, in a form that is left and come back to'])('is not given back once it was forgotten (%s)', async (how) => {
    const { messenger } = await wardServer([admits]);
    const kept = unsettledOf(messenger);
    function Bed(): ReactElement {
      const unsettled = how.startsWith('read') ? readMessage(kept.bytes, { event: admit }) : kept;
      const { state, resend, reset } = useSubmitMessage(admit, { key: 'bed 4', unsettled });
      return (
        <>
          <output>{state.kind}</output>
          <button onClick={() => void resend()}>Again</button>
          <button onClick={reset}>Next</button>
        </>
      );
    }
    const screen = await show(screenOf(messenger, <Bed key="form" />));
    await screen.click('Again');
    await screen.shows('done');
    await screen.click('Next');
    await screen.show(screenOf(messenger));
    await screen.show(screenOf(messenger, <Bed key="form" />));

    await screen.shows('idle');
  });

  it('is known where another component made the submission of that key', async () => {
    const { messenger, arrived } = await wardServer([admits]);
    const screen = await show(screenOf(messenger, <Form key="badge" about="bed 4" />, <Form key="form" about="bed 4" unsettled={unsettledOf(messenger)} />));
    await screen.click('Admit bed 4');

    await screen.shows('mayHaveArrived');
    expect(arrived).toEqual([]);
  });
});

describe(`useSubmitMessage on React ${version}`, () => {
  it('runs on the React that it is meant for', ({ task }) => {
    expect(`react-${version.split('.')[0]}`).toBe(task.file.projectName);
  });

  it('shows each state, and renders once for each', async () => {
    const [checked, answered] = [gate(), gate()];
    const { messenger } = await wardServer([(...answer) => void answered.opened.then(() => admits(...answer))], {
      check: async () => {
        await checked.opened;
        return [];
      },
    });
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="1" seen={seen} />));
    expect(at(screen.text())).toBe('idle');
    await screen.click('Admit');
    expect(at(screen.text())).toBe('checking');
    checked.open();
    await reached(seen.submission(), 'sending');
    expect(at(screen.text())).toBe('sending');
    answered.open();
    await reached(seen.submission(), 'done');

    expect(at(screen.text())).toBe('done');
    expect(seen.rendered).toEqual(['idle', 'checking', 'sending', 'done']);
  });

  it('a double click is one request', async () => {
    const { messenger, arrived } = await wardServer([admits]);
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="1" seen={seen} />));
    await screen.click('Admit', 2);
    await screen.click('Admit');
    await reached(seen.submission(), 'done');
    await screen.click('Admit', 2);

    expect(arrived).toHaveLength(1);
  });

  it('in StrictMode a click is one request, and its outcome is shown', async () => {
    const { messenger, arrived } = await wardServer([admits]);
    const seen = notes();
    const screen = await show(<StrictMode>{screenOf(messenger, <Admission key="1" seen={seen} />)}</StrictMode>);
    await screen.click('Admit');
    await reached(seen.submission(), 'done');

    expect(at(screen.text())).toBe('done');
    expect(arrived).toHaveLength(1);
  });

  it('leaving the screen in mid-send aborts nothing: with a key, its outcome is there for who comes back', async () => {
    const [begun, answered] = [gate(), gate()];
    const closed: boolean[] = [];
    const { messenger, arrived } = await wardServer([
      (message, outgoing, incoming) => {
        begun.open();
        incoming.socket.on('close', () => closed.push(outgoing.writableFinished));
        void answered.opened.then(() => admits(message, outgoing, incoming));
      },
    ]);
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="1" seen={seen} about="order-1" />));
    await screen.click('Admit');
    await act(async () => await begun.opened);
    await screen.show(screenOf(messenger));
    expect(screen.text()).toBe('');
    answered.open();
    await reached(seen.submission(), 'done');
    await screen.show(screenOf(messenger, <Admission key="1" seen={seen} about="order-1" />));

    expect(at(screen.text())).toBe('done');
    await screen.click('Admit');
    expect(arrived).toHaveLength(1);
    expect(closed).not.toContain(false);
  });

  it('without a key the component has a submission of its own, and so does each key', async () => {
    const { messenger, arrived } = await wardServer([admits]);
    const [own, one, two] = [notes(), notes(), notes()];
    const screen = await show(screenOf(messenger, <Admission key="a" seen={own} />, <Admission key="b" seen={one} about="1" />, <Admission key="c" seen={two} about="2" />));
    await screen.click('Admit');
    await reached(own.submission(), 'done');

    expect([own, one, two].map(({ submission }) => submission().getState().kind)).toEqual(['done', 'idle', 'idle']);
    expect(arrived).toHaveLength(1);
  });

  it('two components with one key show the same state, and two clicks are one request', async () => {
    const { messenger, arrived } = await wardServer([admits]);
    const [one, two] = [notes(), notes()];
    const screen = await show(screenOf(messenger, <Admission key="a" seen={one} about="1" />, <Admission key="b" seen={two} about="1" />));
    await screen.click('Admit');
    await act(async () => void (await two.submission().resend()));
    await reached(one.submission(), 'done');

    expect(screen.text().match(/done/g)).toHaveLength(2);
    expect(arrived).toHaveLength(1);
  });

  it('with another key it shows the submission of that one', async () => {
    const { messenger } = await wardServer([admits]);
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="a" seen={seen} about="1" />));
    await screen.click('Admit');
    await reached(seen.submission(), 'done');
    await screen.show(screenOf(messenger, <Admission key="a" seen={seen} about="2" />));
    expect(at(screen.text())).toBe('idle');
    await screen.show(screenOf(messenger, <Admission key="a" seen={seen} about="1" />));
    expect(at(screen.text())).toBe('done');
  });

  it('with another messenger it begins anew: what is known of one server is nothing to another', async () => {
    const [first, second] = [await wardServer([vanishes]), await wardServer([admits])];
    const seen = notes();
    const screen = await show(screenOf(first.messenger, <Admission key="a" seen={seen} about="1" />));
    await screen.click('Admit');
    await reached(seen.submission(), 'failed');
    await screen.show(screenOf(second.messenger, <Admission key="a" seen={seen} about="1" />));

    expect(at(screen.text())).toBe('idle');
  });

  it('an abort in mid-send says that it may have arrived; sent again it is the same message', async () => {
    const begun = gate();
    const { messenger, arrived } = await wardServer([() => begun.open(), admits]);
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="1" seen={seen} />));
    await screen.click('Admit');
    await act(async () => await begun.opened);
    await screen.click('Stop');
    await reached(seen.submission(), 'failed');
    expect(seen.submission().getState()).toMatchObject({ kind: 'failed', delivery: 'unknown' });
    await screen.click('Admit');
    await reached(seen.submission(), 'done');

    expect(arrived).toHaveLength(2);
    expect(arrived[1]).toBe(arrived[0]);
  });

  it('asks before a changed message is sent in place of one that may have arrived', async () => {
    const { messenger, arrived } = await wardServer([vanishes, admits]);
    const seen = notes();
    const screen = await show(screenOf(messenger, <Admission key="1" seen={seen} />));
    await screen.click('Admit');
    await reached(seen.submission(), 'failed');
    await screen.show(screenOf(messenger, <Admission key="1" seen={seen} active />));
    await screen.click('Admit');
    expect(at(screen.text())).toBe('mayHaveArrived');
    expect(arrived).toHaveLength(1);
    await screen.click('Send the same again');
    await reached(seen.submission(), 'done');

    expect(arrived[1]).toBe(arrived[0]);
  });

  it('a render that React puts off or throws away loses nothing of it', async () => {
    const { messenger } = await wardServer([admits]);
    const [seen, arrives] = [notes(), gate()];
    let isThere = false;
    function Waits(): string {
      if (!isThere) throw arrives.opened as unknown as Error;
      return ' and more';
    }
    const page = (more: boolean): ReactElement => screenOf(messenger, <Suspense key="s"><Admission seen={seen} />{more && <Waits />}</Suspense>);
    const screen = await show(page(false));
    await act(async () => startTransition(() => screen.showNow(page(true))));
    await screen.click('Admit');
    await reached(seen.submission(), 'done');
    expect(at(screen.text())).toBe('done');
    expect(screen.text()).not.toContain('and more');
    isThere = true;
    await act(async () => arrives.open());

    expect(at(screen.text())).toBe('done');
    expect(screen.text()).toContain('and more');
  });
});
