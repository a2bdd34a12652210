import type { BundleGraph, Issue } from '@fhir-messaging/core';
import { useMessageDraft } from '@fhir-messaging/react-hooks';
import type { QueuedMessage, WatchedMessages } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { DraftEditor } from '../parts/draft-editor.tsx';
import { DraftPanel } from '../parts/draft-panel.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import type { Session } from '../session/open-session.ts';
import { submitReferral } from '../session/referral-events.ts';

interface ComposeScreenProps {
  readonly initial: BundleGraph;
  /** What could not be read when it was put together. */
  readonly issues?: readonly Issue[];
  /** The referral that was turned down, or given up, before this one. */
  readonly last: QueuedMessage | undefined;
  readonly session: Session;
  readonly queue: WatchedMessages;
}

/** The referral, to be checked, changed and sent. */
export function ComposeScreen({ initial, issues, last, session, queue }: ComposeScreenProps): ReactElement {
  const draft = useMessageDraft(initial, { event: submitReferral });
  return (
    <>
      <Steps current="check" />
      <ScreenHeading>{last ? 'The referral was not taken' : 'Check the referral, then send it'}</ScreenHeading>
      <DraftEditor what="referral" draft={draft} initial={initial} issues={issues ?? []}>
        <DraftPanel
          what="referral"
          name="Sending the referral"
          last={last}
          session={session}
          error={queue.state.error}
          graph={draft.state.graph}
          canSend
          send={() => void queue.enqueue(submitReferral, draft.state.graph)}
        />
      </DraftEditor>
    </>
  );
}
