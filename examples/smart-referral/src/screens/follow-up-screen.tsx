import { adopt } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, Message, Submitted } from '@fhir-messaging/core';
import { useMessageDraft, useUpdateMessage } from '@fhir-messaging/react-hooks';
import type { UpdateMessage } from '@fhir-messaging/react-hooks';
import type { FhirResource } from 'fhir/r4';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { DeliveryPanel } from '../parts/delivery-panel.tsx';
import { DraftEditor } from '../parts/draft-editor.tsx';
import { ReplyCard } from '../parts/reply-card.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import { Versions } from '../parts/versions.tsx';
import { updateReferral } from '../session/referral-events.ts';

interface FollowUpScreenProps {
  readonly submitted: Submitted<FhirResource>;
  /** The change that may have arrived before the page was reloaded. */
  readonly unsettled: Message<AnyEvent | undefined, FhirResource> | undefined;
  /** Changes that were made while the referral may have arrived, and are not in it. */
  readonly later: BundleGraph | undefined;
  /** What was processed so far, the oldest first. */
  readonly versions: () => readonly Submitted<FhirResource>[];
  readonly recognisedMinutes: number | undefined;
}

/** A referral that was received: what the other side said, its versions side by side, and the next change. */
export function FollowUpScreen({ submitted, unsettled, later, versions, recognisedMinutes }: FollowUpScreenProps): ReactElement {
  const update = useUpdateMessage(updateReferral, submitted, { unsettled });
  const processed = versions();
  const latest = processed.at(-1) ?? submitted;
  const [begun] = useState(() => unsettled?.graph ?? (later && adopt(later, update.adopted.assigned)));
  const next = <NextChange update={update} begun={begun} isUnsettled={unsettled !== undefined} recognisedMinutes={recognisedMinutes} />;
  return (
    <>
      <Steps current="follow" />
      <ScreenHeading>{unsettled && update.state.kind !== 'done' ? 'A change may have arrived' : 'The referral was received'}</ScreenHeading>
      {unsettled && next}
      <ReplyCard latest={latest} held={update.adopted.graph} />
      <Versions processed={processed} />
      {!unsettled && next}
    </>
  );
}

interface NextChangeProps {
  readonly update: UpdateMessage<typeof updateReferral, FhirResource>;
  /** What the change begins with, where it was begun before. */
  readonly begun: BundleGraph | undefined;
  readonly isUnsettled: boolean;
  readonly recognisedMinutes: number | undefined;
}

function NextChange({ update, begun, isUnsettled, recognisedMinutes }: NextChangeProps): ReactElement {
  const { state, getAdopted } = update;
  const draft = useMessageDraft(update.adopted.graph, { event: updateReferral });
  const { change, reset } = draft;
  useEffect(() => {
    if (begun) change(() => begun);
  }, [begun, change]);
  useEffect(() => {
    if (state.kind === 'done') reset(getAdopted().graph);
  }, [state, reset, getAdopted]);
  const { graph, dirty } = draft.state;
  const panel = (
    <DeliveryPanel
      what="change"
      sending={update}
      graph={graph}
      canSend={dirty}
      recognisedMinutes={recognisedMinutes}
      found={isUnsettled ? begun : undefined}
    />
  );
  return (
    <>
      <h2>Change it</h2>
      <p>A change goes to the same referral, by the name that they gave it.</p>
      {isUnsettled && panel}
      <DraftEditor draft={draft} initial={update.adopted.graph} isBusy={state.kind === 'checking' || state.kind === 'sending'}>
        {!isUnsettled && panel}
      </DraftEditor>
    </>
  );
}
