import type { BundleGraph } from '@fhir-messaging/core';
import { useMessageDraft } from '@fhir-messaging/react-hooks';
import type { QueuedMessage, WatchedMessages } from '@fhir-messaging/react-hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { DraftEditor } from './draft-editor.tsx';
import { DraftPanel } from './draft-panel.tsx';
import { goOnFrom } from './go-on-from.ts';
import { heldAfter } from '../session/held-after.ts';
import type { Session } from '../session/open-session.ts';
import { updateReferral } from '../session/referral-events.ts';

interface NextChangeProps {
  readonly session: Session;
  readonly queue: WatchedMessages;
  /** The referral and its changes, in their order. */
  readonly messages: readonly QueuedMessage[];
}

/** The next change, to what was queued or received last; one that was not taken is there to be mended. */
export function NextChange({ messages, ...others }: NextChangeProps): ReactElement | null {
  const standing = messages.findLast(({ isOver }) => !isOver);
  const base = useMemo(() => standing && heldAfter(standing), [standing]);
  const last = messages.at(-1);
  return base && last ? <ChangeForm base={base} last={last} isReceived={standing?.state === 'replied'} {...others} /> : null;
}

interface ChangeFormProps extends Omit<NextChangeProps, 'messages'> {
  readonly base: BundleGraph;
  readonly last: QueuedMessage;
  /** Whether the other side has what is changed. */
  readonly isReceived: boolean;
}

function ChangeForm({ base, last, isReceived, session, queue }: ChangeFormProps): ReactElement {
  const draft = useMessageDraft(base, { event: updateReferral });
  const { graph, dirty } = draft.state;
  const { change, reset, getState } = draft;
  const begunOn = useRef<QueuedMessage>(undefined);
  const sent = useRef<BundleGraph>(undefined);
  const [isOvertaken, setOvertaken] = useState(false);
  useEffect(() => {
    if (goOnFrom(base, last, begunOn.current, { getState, reset, change }, sent.current)) setOvertaken(true);
    begunOn.current = last;
  }, [last, base, change, reset, getState]);
  const send = (): void => {
    sent.current = graph;
    setOvertaken(false);
    void queue.enqueue(updateReferral, graph);
  };
  return (
    <>
      <h2>Change it</h2>
      <p>A change goes to the same referral{isReceived ? ', by the name that they gave it' : ', after what was sent before'}.</p>
      <DraftEditor what="change" draft={draft} initial={base}>
        <DraftPanel
          what="change"
          name="Sending the next change"
          session={session}
          error={queue.state.error}
          graph={graph}
          canSend={dirty}
          isOvertaken={isOvertaken}
          send={send}
        />
      </DraftEditor>
    </>
  );
}
