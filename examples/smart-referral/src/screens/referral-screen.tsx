import type { BundleGraph } from '@fhir-messaging/core';
import { useQueuedMessages } from '@fhir-messaging/react-hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { AssemblingScreen } from './assembling-screen.tsx';
import { ComposeScreen } from './compose-screen.tsx';
import { FollowUpScreen } from './follow-up-screen.tsx';
import type { Session } from '../session/open-session.ts';

interface ReferralScreenProps {
  readonly session: Session;
  /** The order's reference, such as `ServiceRequest/1`. */
  readonly order: string;
  readonly onLeave: () => void;
}

/** The referral of one order: written and queued, then followed up. What is in the outbox is where it goes on, whenever that was queued. */
export function ReferralScreen({ session, order, onLeave }: ReferralScreenProps): ReactElement {
  const queue = useQueuedMessages(`${session.serverUrl}/${order}`);
  const [takenBack, takeBack] = useState<BundleGraph>();
  return (
    <>
      <button type="button" className="plain back" onClick={onLeave}>
        All orders
      </button>
      {screen()}
    </>
  );

  function screen(): ReactElement {
    const { messages, error } = queue.state;
    if (messages === undefined) {
      return <p role="status">{error ? 'What was sent before could not be read from this device.' : 'Looking for what was sent before…'}</p>;
    }
    const standing = messages.filter(({ isOver }) => !isOver);
    if (standing.length > 0) {
      return <FollowUpScreen session={session} queue={queue} messages={messages} onTakeBack={({ content }) => takeBack(content?.graph)} />;
    }
    const last = messages.findLast(({ state }) => state !== 'blocked');
    const begun = messages.at(-1)?.content?.graph ?? takenBack;
    if (begun) {
      return <ComposeScreen initial={begun} last={last} session={session} queue={queue} />;
    }
    return <AssemblingScreen order={order}>{({ message, issues }) => <ComposeScreen initial={message.graph} issues={issues} last={undefined} session={session} queue={queue} />}</AssemblingScreen>;
  }
}
