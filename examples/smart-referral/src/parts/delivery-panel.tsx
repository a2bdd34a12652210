import type { BundleGraph, Issue } from '@fhir-messaging/core';
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { Countdown } from './countdown.tsx';
import { IssueList } from './issue-list.tsx';
import type { Saying } from '../words/say-message.ts';

/** A button of a panel. */
export interface PanelButton {
  readonly label: string;
  readonly press: () => void;
  readonly isPlain?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
}

interface DeliveryPanelProps {
  /** What it is about, for who does not see where it stands. */
  readonly name: string;
  /** The same in a word, where there may be more than one. */
  readonly label?: string | undefined;
  readonly saying: Saying;
  readonly issues: readonly Issue[];
  /** Who found them. */
  readonly voice: 'rule' | 'other side';
  readonly graph?: BundleGraph | undefined;
  /** When it goes out again by itself. */
  readonly dueAtMs?: number | undefined;
  readonly buttons: readonly PanelButton[];
}

/** What became of something that is sent, and what can be done about it. What changes is read out. */
export function DeliveryPanel({ name, label, saying: { tone, title, text }, issues, voice, graph, dueAtMs, buttons }: DeliveryPanelProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that had the focus is gone with its state.
    if (document.activeElement === document.body) heading.current?.focus();
  }, [title, buttons.length]);
  return (
    <section className={`delivery ${tone}`} aria-label={name}>
      <div role="status">
        {label !== undefined && <p className="kicker">{label}</p>}
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p>{text}</p>
        <IssueList issues={issues} voice={voice} graph={graph} />
      </div>
      {dueAtMs !== undefined && <Countdown untilMs={dueAtMs} />}
      {buttons.length > 0 && (
        <div className="row">
          {buttons.map(({ label, press, isPlain = false, isDisabled = false }) => (
            <button
              key={label}
              className={isPlain ? 'plain' : undefined}
              aria-disabled={isDisabled}
              onClick={({ detail }) => {
                // The second click of a double click was meant for the button that stood here before.
                if (detail < 2 && !isDisabled) press();
              }}
            >
              {label}
            </button>
          ))}
        </div>
      )}
    </section>
  );
}
