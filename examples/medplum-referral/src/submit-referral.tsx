import type { Issue, Message } from '@fhir-messaging/core';
import { useSubmitMessage } from '@fhir-messaging/react-hooks';
import { Button, Stack } from '@mantine/core';
import type { Resource } from '@medplum/fhirtypes';
import type { ReactElement } from 'react';
import { ChangeReferral } from './change-referral.tsx';
import { submitReferral } from './events.ts';
import { useKeptMessage } from './kept-message.ts';
import type { MessageOwner } from './kept-message.ts';
import { Contents } from './parts/contents.tsx';
import { concerns, Issues } from './parts/issues.tsx';
import { ScreenHeading } from './parts/screen-heading.tsx';
import { SendingPanel } from './parts/sending-panel.tsx';
import { nextStep } from './sending.ts';
import type { SendingState } from './sending.ts';

/** A referral that was put together from the record, or was sent before. */
export interface SubmitReferralProps {
  readonly owner: MessageOwner;
  readonly orderId: string;
  readonly message: Message<typeof submitReferral, Resource>;
  /** The message, where it may have arrived. */
  readonly unsettled?: Message<typeof submitReferral, Resource>;
  /** What could not be read. */
  readonly issues?: readonly Issue[];
  readonly onLeave: () => void;
}

/** Shows what goes along, and sends it; once it is there, it can be changed. */
export function SubmitReferral({ owner, orderId, message, unsettled, issues = [], onLeave }: SubmitReferralProps): ReactElement {
  const { state, submit, resend, submitAnyway, dismiss } = useSubmitMessage(submitReferral, { key: orderId, unsettled });
  useKeptMessage(owner, orderId, state);
  if (state.kind === 'done') {
    return <ChangeReferral submitted={state} />;
  }
  return (
    <Stack>
      <ScreenHeading>{headingFor(state)}</ScreenHeading>
      <Contents graph={message.graph} />
      <Issues issues={[...issues, ...concerns(message.issues)]} />
      <SendingPanel
        what="referral"
        state={state}
        canSend
        onSend={() => void submit(message.graph)}
        onResend={() => void resend()}
        onSendAnyway={() => void submitAnyway()}
        onDismiss={dismiss}
      />
      {(nextStep(state) === 'send' || state.kind === 'accepted') && (
        <Button variant="outline" w="fit-content" onClick={onLeave}>
          Back to the orders
        </Button>
      )}
    </Stack>
  );
}

function headingFor(state: SendingState): string {
  if (state.kind === 'accepted') return 'The referral was taken over';
  return nextStep(state) === 'resend' ? 'This referral may have arrived' : 'Send this referral?';
}
