import type { BundleGraph, Issue, Message, AnyEvent } from '@fhir-messaging/core';
import { useMessageDraft } from '@fhir-messaging/react-hooks';
import type { FhirResource } from 'fhir/r4';
import type { ReactElement } from 'react';
import { DeliveryPanel } from '../parts/delivery-panel.tsx';
import type { Sending } from '../parts/sending.ts';
import { DraftEditor } from '../parts/draft-editor.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import { submitReferral } from '../session/referral-events.ts';

interface ComposeScreenProps {
  readonly initial: Message<AnyEvent | undefined, FhirResource>;
  /** What could not be read when it was put together. */
  readonly issues?: readonly Issue[];
  readonly sending: Sending;
  /** The message that may have arrived before the page was reloaded. */
  readonly unsettled?: Message<AnyEvent | undefined, FhirResource>;
  readonly recognisedMinutes: number | undefined;
  /** Takes the changes that are not in the message which goes out again. */
  readonly onKeepForLater: (graph: BundleGraph) => void;
}

/** The referral, to be checked, changed and sent. */
export function ComposeScreen({ initial, issues, sending, unsettled, recognisedMinutes, onKeepForLater }: ComposeScreenProps): ReactElement {
  const draft = useMessageDraft(initial, { event: submitReferral });
  const { graph } = draft.state;
  const { state } = sending;
  const panel = (
    <DeliveryPanel
      what="referral"
      sending={sending}
      graph={graph}
      canSend
      recognisedMinutes={recognisedMinutes}
      found={unsettled?.graph}
      onLeftBehind={onKeepForLater}
    />
  );
  return (
    <>
      <Steps current="check" />
      <ScreenHeading>{unsettled ? 'This referral may have arrived' : 'Check the referral, then send it'}</ScreenHeading>
      {unsettled && panel}
      <DraftEditor draft={draft} initial={initial.graph} issues={issues ?? []} isBusy={state.kind === 'checking' || state.kind === 'sending'}>
        {!unsettled && panel}
      </DraftEditor>
    </>
  );
}
