// The README's example, to the letter: readme.test.tsx holds the two together, and clicks through it.
import { isError } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { MessagingProvider, useSubmitMessage } from '@fhir-messaging/react-hooks';
import type { Patient, ServiceRequest } from 'fhir/r4';
import type { ReactElement } from 'react';

interface Props {
  readonly order: ServiceRequest;
  readonly patient: Patient;
}

// README-START
function Refer({ order, patient }: Props): ReactElement {
  const { state, submit, resend, submitAnyway } = useSubmitMessage(submitServiceRequest, { key: order.id });
  const isBusy = state.kind === 'checking' || state.kind === 'sending';
  return (
    <>
      <button disabled={isBusy} onClick={() => void submit({ ServiceRequest: order, Patient: patient })}>Refer</button>
      {state.kind === 'sending' && <p>{state.needsSignIn ? 'Sign in, and it is sent' : `Sending, attempt ${state.attempt}`}</p>}
      {state.kind === 'done' && <p>Referred</p>}
      {state.kind === 'accepted' && <p>Taken over; the reply comes later</p>}
      {state.kind === 'refused' && <p>{state.mayHaveArrived ? 'It may have arrived: press again to send the same one' : 'Not referred'}</p>}
      {state.kind === 'rejected' && <p>Not referred</p>}
      {'issues' in state && state.issues.filter(isError).map((issue, n) => <p key={n}>{issue.diagnostics}</p>)}
      {state.kind === 'failed' && <p>{state.delivery === 'no' ? 'Not sent' : 'It may have arrived'}: press again to send the same one</p>}
      {state.kind === 'mayHaveArrived' && (
        <p>
          An earlier referral may have arrived. <button onClick={() => void resend()}>Send that one again</button>
          <button onClick={() => void submitAnyway()}>Send this one too</button>
        </p>
      )}
    </>
  );
}

export const app = (messenger: Messenger, props: Props): ReactElement => <MessagingProvider messenger={messenger}><Refer {...props} /></MessagingProvider>;
// README-END
