import { readMessage } from '@fhir-messaging/core';
import type { AssembledMessage, Message } from '@fhir-messaging/core';
import { useSubmitMessage } from '@fhir-messaging/react-hooks';
import { Button, Stack } from '@mantine/core';
import type { Resource } from '@medplum/fhirtypes';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { ChangeReferral } from './change-referral.tsx';
import { submitReferral } from './events.ts';
import { useKeptMessage } from './kept-message.ts';
import type { KeptMessage } from './kept-message.ts';
import { Contents } from './parts/contents.tsx';
import { concerns, Issues } from './parts/issues.tsx';
import { ScreenHeading } from './parts/screen-heading.tsx';
import { SendingPanel } from './parts/sending-panel.tsx';
import { nextStep } from './sending.ts';

/** A referral that was put together from the record. */
export interface SubmitReferralProps {
  readonly patientUrl: string;
  readonly orderId: string;
  readonly kept: KeptMessage | undefined;
  readonly assembled: AssembledMessage<Message<typeof submitReferral, Resource>>;
  readonly onLeave: () => void;
}

/** Shows what goes along, and sends it; once it is there, it can be changed. */
export function SubmitReferral({ patientUrl, orderId, kept, assembled: { message, issues }, onLeave }: SubmitReferralProps): ReactElement {
  const [unsettled] = useState(() => (kept?.orderId === orderId ? readMessage(kept.text, { event: submitReferral }) : undefined));
  const { state, submit, resend, submitAnyway, dismiss } = useSubmitMessage(submitReferral, { key: orderId, unsettled });
  useKeptMessage(patientUrl, orderId, state);
  if (state.kind === 'done') {
    return <ChangeReferral submitted={state} />;
  }
  return (
    <Stack>
      <ScreenHeading>{nextStep(state) === 'resend' ? 'This referral may have arrived' : 'Send this referral?'}</ScreenHeading>
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
      {nextStep(state) === 'send' && (
        <Button variant="outline" w="fit-content" onClick={onLeave}>
          Back to the orders
        </Button>
      )}
    </Stack>
  );
}
