import type { BundleGraph } from '@fhir-messaging/core';
import { useSubmitMessage } from '@fhir-messaging/react-hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { AssemblingScreen } from './assembling-screen.tsx';
import { ComposeScreen } from './compose-screen.tsx';
import { FollowUpScreen } from './follow-up-screen.tsx';
import type { Session } from '../session/open-session.ts';
import { submitReferral } from '../session/referral-events.ts';
import { messageOf, submittedOf } from '../session/sent-message.ts';

interface ReferralScreenProps {
  readonly session: Session;
  /** The order's reference, such as `ServiceRequest/1`. */
  readonly order: string;
  readonly onLeave: () => void;
}

/** The referral of one order: written and sent, then followed up. What this tab sent before a reload is where it goes on. */
export function ReferralScreen({ session, order, onLeave }: ReferralScreenProps): ReactElement {
  const { journal, serverUrl, recognisedMinutes } = session;
  const orderUrl = `${serverUrl}/${order}`;
  const [earlier] = useState(() => {
    const [open, answered] = [journal.openFor(orderUrl), journal.answeredFor(orderUrl).at(-1)];
    return { open: open && messageOf(open), submitted: answered && submittedOf(answered) };
  });
  const [later, keepForLater] = useState<BundleGraph>();
  const sending = useSubmitMessage(submitReferral, { key: order, unsettled: earlier.submitted ? undefined : earlier.open });
  const submitted = earlier.submitted ?? (sending.state.kind === 'done' ? sending.state : undefined);

  const screen = submitted ? (
    <FollowUpScreen submitted={submitted} unsettled={earlier.submitted && earlier.open} later={later} versions={() => journal.answeredFor(orderUrl).map(submittedOf)} recognisedMinutes={recognisedMinutes} />
  ) : earlier.open ? (
    <ComposeScreen initial={earlier.open} unsettled={earlier.open} sending={sending} recognisedMinutes={recognisedMinutes} onKeepForLater={keepForLater} />
  ) : (
    <AssemblingScreen order={order}>
      {({ message, issues }) => <ComposeScreen initial={message} issues={issues} sending={sending} recognisedMinutes={recognisedMinutes} onKeepForLater={keepForLater} />}
    </AssemblingScreen>
  );
  return (
    <>
      <button type="button" className="plain back" onClick={onLeave}>
        All orders
      </button>
      {screen}
    </>
  );
}
