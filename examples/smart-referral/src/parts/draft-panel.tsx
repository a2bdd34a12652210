import type { BundleGraph } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { DeliveryPanel } from './delivery-panel.tsx';
import { MessagePanel } from './message-panel.tsx';
import type { Session } from '../session/open-session.ts';
import { sayDraft } from '../words/say-draft.ts';

interface DraftPanelProps {
  readonly what: 'referral' | 'change';
  readonly name: string;
  /** What this one takes the place of: it was turned down, or given up. */
  readonly last?: QueuedMessage | undefined;
  readonly session: Session;
  readonly error: Error | undefined;
  readonly graph: BundleGraph;
  readonly canSend: boolean;
  /** Whether what was written is gone, since something else was sent meanwhile. */
  readonly isOvertaken?: boolean;
  readonly send: () => void;
}

/** Sends what was written. */
export function DraftPanel({ what, name, last, session, error, graph, canSend, isOvertaken, send }: DraftPanelProps): ReactElement {
  const label = last?.reason === 'pinned' ? 'Send it as a new one' : `Send the ${what}`;
  const buttons = [{ label, press: send, isDisabled: !canSend }];
  if (last && error === undefined) {
    return <MessagePanel name={name} what={what} message={last} session={session} isNext={false} more={buttons} />;
  }
  const { issues, ...saying } = sayDraft(what, canSend, error, isOvertaken);
  return <DeliveryPanel name={name} saying={saying} issues={issues} voice="rule" graph={graph} buttons={buttons} />;
}
