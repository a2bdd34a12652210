import type { Submission } from '@fhir-messaging/core';
import type { SubmissionState, Resource, BundleGraph } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';
import type { ReactElement } from 'react';
import { Countdown } from './countdown.tsx';
import { actionsFor } from './delivery-actions.ts';
import { IssueList } from './issue-list.tsx';
import { sayState } from '../words/say-state.ts';
import type { Setting } from '../words/say-state.ts';

/** A submission, or updates, as this render sees it. */
export type Sending = Submission<BundleGraph<FhirResource>, unknown, FhirResource> & { readonly state: SubmissionState<unknown, FhirResource> };

interface DeliveryPanelProps extends Setting {
  readonly sending: Sending;
  /** What would go out now. */
  readonly graph: BundleGraph<FhirResource>;
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
  const run = {
    submit() {
      onSubmit();
      void sending.submit(graph);
    },
    resend() {
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
        <h2>{title}</h2>
        <p>{text}</p>
        <Found issues={issues} state={state} />
      </div>
      {state.kind === 'sending' && state.waitingUntilMs !== undefined && <Countdown untilMs={state.waitingUntilMs} />}
      <div className="row">
        {actionsFor(state, { what: setting.what, canSend, isChanged }).map(({ label, does, isPlain = false }) => (
          <button key={label} className={isPlain ? 'plain' : undefined} aria-disabled={does === 'nothing'} onClick={run[does]}>
            {label}
          </button>
        ))}
      </div>
    </section>
  );
}

function Found({ issues, state }: { readonly issues: Parameters<typeof IssueList>[0]['issues']; readonly state: SubmissionState<unknown, FhirResource & Resource> }): ReactElement {
  return <IssueList issues={issues} graph={'message' in state ? state.message.graph : undefined} />;
}
