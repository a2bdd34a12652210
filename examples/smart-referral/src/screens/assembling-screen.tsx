import { toIssues } from '@fhir-messaging/core';
import type { AssembledMessage, Message } from '@fhir-messaging/core';
import { useAssembledMessage } from '@fhir-messaging/react-hooks';
import type { ReactElement } from 'react';
import { IssueList } from '../parts/issue-list.tsx';
import { ScreenHeading } from '../parts/screen-heading.tsx';
import { Steps } from '../parts/steps.tsx';
import { submitReferral } from '../session/referral-events.ts';

interface AssemblingScreenProps {
  readonly order: string;
  readonly children: (assembled: AssembledMessage<Message<typeof submitReferral>>) => ReactElement;
}

/** Puts the message together from the record, and shows how far it is. */
export function AssemblingScreen({ order, children }: AssemblingScreenProps): ReactElement {
  const assembling = useAssembledMessage(submitReferral, order);
  const { state } = assembling;
  if (state.kind === 'ready') {
    return children(state.value);
  }
  return (
    <>
      <Steps current="check" />
      <ScreenHeading>Gathering what belongs to the order</ScreenHeading>
      {state.kind === 'reading' ? (
        <div className="gathering">
          <label htmlFor="gathered">Read so far</label>
          <progress id="gathered" max={state.progress?.found ?? 1} value={state.progress?.read ?? 0} />
          <p>
            {state.progress?.read ?? 0} of {state.progress?.found ?? 1} parts: the patient, the diagnosis, the insurance, who ordered it and who receives it.
          </p>
        </div>
      ) : (
        <div role="alert">
          <p>It could not be put together. Nothing was sent.</p>
          <IssueList issues={toIssues(state.error)} voice="error" />
          <button onClick={assembling.reload}>Try again</button>
        </div>
      )}
    </>
  );
}
