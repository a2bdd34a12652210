import type { BundleGraph, Submission, SubmissionState } from '@fhir-messaging/core';
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { Countdown } from './countdown.tsx';
import { actionsFor } from './delivery-actions.ts';
import { IssueList } from './issue-list.tsx';
import { sayState } from '../words/say-state.ts';
import type { Setting } from '../words/say-state.ts';

/** A submission, or updates, as this render sees it. */
export type Sending = Submission<BundleGraph> & { readonly state: SubmissionState };

interface DeliveryPanelProps extends Setting {
  readonly sending: Sending;
  /** What would go out now. */
  readonly graph: BundleGraph;
  /** Whether there is anything to send. */
  readonly canSend: boolean;
  /** Whether it was changed since it was sent. */
  readonly isChanged: boolean;
  /** Is told of what goes out. */
  readonly onSubmit: () => void;
  /** Is told when an earlier message goes out again. */
  readonly onResend: () => void;
}

/** What became of the message so far, and what can be done about it. What changes is read out. */
export function DeliveryPanel({ sending, graph, canSend, isChanged, onSubmit, onResend, ...setting }: DeliveryPanelProps): ReactElement {
  const { state } = sending;
  const { tone, title, text, issues } = sayState(state, setting);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that had the focus is gone with its state.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [state.kind]);
  const run = {
    submit: () => {
      onSubmit();
      void sending.submit(graph);
    },
    resend: () => {
      onResend();
      void sending.resend();
    },
    submitAnyway: () => void sending.submitAnyway(),
    dismiss: sending.dismiss,
    abort: sending.abort,
    nothing: () => undefined,
  };
  return (
    <section className={`delivery ${tone}`} aria-label="Sending" data-state={state.kind}>
      <div role="status">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p>{text}</p>
        <IssueList issues={issues} graph={'message' in state ? state.message.graph : graph} />
      </div>
      {state.kind === 'sending' && state.waitingUntilMs !== undefined && <Countdown untilMs={state.waitingUntilMs} />}
      <div className="row">
        {actionsFor(state, { what: setting.what, canSend, isChanged }).map(({ label, does, isPlain = false }, position) => (
          // The first button stays the first, and keeps the focus, whatever it says.
          <button key={position} className={isPlain ? 'plain' : undefined} aria-disabled={does === 'nothing'} onClick={run[does]}>
            {label}
          </button>
        ))}
      </div>
    </section>
  );
}
