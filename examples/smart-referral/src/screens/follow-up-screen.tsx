import type { QueuedMessage, WatchedMessages } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { MessagePanel } from '../parts/message-panel.tsx';
import { NextChange } from '../parts/next-change.tsx';
import { ReplyCard } from '../parts/reply-card.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import { Versions } from '../parts/versions.tsx';
import { heldAfter } from '../session/held-after.ts';
import type { Session } from '../session/open-session.ts';
import { headingFor } from '../words/heading-for.ts';

interface FollowUpScreenProps {
  readonly session: Session;
  readonly queue: WatchedMessages;
  /** The referral and its changes, in their order. */
  readonly messages: readonly QueuedMessage[];
  readonly onTakeBack: (message: QueuedMessage) => void;
}

/** A referral that was queued: what became of it and of its changes, what the other side said, its versions side by side, and the next change. */
export function FollowUpScreen({ session, queue, messages, onTakeBack }: FollowUpScreenProps): ReactElement {
  const opening = messages.findIndex(({ isOver }) => !isOver);
  const own = messages.slice(opening);
  const received = own.filter(({ state }) => state === 'replied');
  const latest = received.at(-1);
  const held = latest && heldAfter(latest);
  const shown = own.filter((message) => message === own.at(-1) || !(message.state === 'replied' || message.state === 'rejected'));
  return (
    <>
      <Steps current="follow" />
      <ScreenHeading>{headingFor(own)}</ScreenHeading>
      {shown.map((message) => {
        const place = own.indexOf(message);
        return (
          <MessagePanel
            key={message.id}
            name={nameOf(place)}
            label={place === 0 ? 'The referral' : 'The change'}
            what={place === 0 ? 'referral' : 'change'}
            message={message}
            session={session}
            isNext={isBehind(own, message)}
            onTakeBack={onTakeBack}
          />
        );
      })}
      {latest?.content?.reply && held && <ReplyCard content={latest.content} held={held} />}
      {received.length > 0 && <Versions received={received} />}
      <NextChange session={session} queue={queue} messages={own} />
    </>
  );
}

/** Whether a message is only waiting for the one before it. */
function isBehind(messages: readonly QueuedMessage[], { after }: QueuedMessage): boolean {
  const before = messages.find(({ id }) => id === after);
  return before !== undefined && before.state !== 'replied';
}

function nameOf(place: number): string {
  return ['Sending the referral', 'Sending the change'][place] ?? `Sending change ${place}`;
}
