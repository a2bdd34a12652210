import { isMessagingError } from '@fhir-messaging/core';
import type { BundleGraph } from '@fhir-messaging/core';
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { Countdown } from './countdown.tsx';
import { actionsFor } from './delivery-actions.ts';
import { IssueList } from './issue-list.tsx';
import type { Sending } from './sending.ts';
import { useSentGraph } from './use-sent-graph.ts';
import { sayState } from '../words/say-state.ts';
import type { Setting } from '../words/say-state.ts';

interface DeliveryPanelProps extends Omit<Setting, 'reloaded'> {
  readonly sending: Sending;
  /** What would go out now. */
  readonly graph: BundleGraph;
  /** Whether there is anything to send. */
  readonly canSend: boolean;
  /** The graph of a message that was found again after a reload. */
  readonly found: BundleGraph | undefined;
  /** Is given what was changed since, when the earlier message goes out again without it. */
  readonly onLeftBehind?: (graph: BundleGraph) => void;
}

/** What became of the message so far, and what can be done about it. What changes is read out. */
export function DeliveryPanel({ sending, graph, canSend, found, onLeftBehind, what, recognisedMinutes }: DeliveryPanelProps): ReactElement {
  const { state } = sending;
  const { sent, submit, submitAnyway } = useSentGraph(sending, found);
  const isChanged = sent !== undefined && graph !== sent;
  const { tone, title, text, issues } = sayState(state, { what, recognisedMinutes, reloaded: isUntried(state) });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that had the focus is gone with its state.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [state.kind]);
  const run = {
    submit: () => submit(graph),
    resend: () => {
      if (isChanged) onLeftBehind?.(graph);
      void sending.resend();
    },
    submitAnyway,
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
        <IssueList issues={issues} voice={state.kind === 'invalid' ? 'rule' : state.kind === 'failed' ? 'error' : 'other side'} graph={graph} />
      </div>
      {state.kind === 'sending' && state.waitingUntilMs !== undefined && <Countdown untilMs={state.waitingUntilMs} />}
      <div className="row">
        {actionsFor(state, { what, canSend, isChanged }).map(({ label, does, isPlain = false }, position) => (
          // The first button stays the first, and keeps the focus, whatever it says.
          <button
            key={position}
            className={isPlain ? 'plain' : undefined}
            aria-disabled={does === 'nothing'}
            onClick={({ detail }) => {
              // The second click of a double click was meant for the button that stood here before.
              if (detail < 2) run[does]();
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </section>
  );
}

/** Whether a message was only found again after a reload, and nothing was tried with it since. */
function isUntried(state: Sending['state']): boolean {
  return state.kind === 'failed' && isMessagingError(state.error) && state.error.attempts === undefined && state.delivery === 'unknown';
}
