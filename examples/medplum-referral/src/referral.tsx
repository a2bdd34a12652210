import { readMessage, toIssues } from '@fhir-messaging/core';
import { useAssembledMessage } from '@fhir-messaging/react-hooks';
import { Button, Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { submitReferral } from './events.ts';
import { keptMessage } from './kept-message.ts';
import { Issues } from './parts/issues.tsx';
import { ScreenHeading } from './parts/screen-heading.tsx';
import { SubmitReferral } from './submit-referral.tsx';
import type { SubmitReferralProps } from './submit-referral.tsx';

/** Which order, of whom. */
export type ReferralProps = Pick<SubmitReferralProps, 'owner' | 'orderId' | 'onLeave'>;

/** The referral of one order: put together from the record, then submitted, then changed. One that may have arrived is that one, whatever the record says by now. */
export function Referral(about: ReferralProps): ReactElement {
  const [unsettled] = useState(() => {
    const text = keptMessage(about.owner, about.orderId);
    return text === undefined ? undefined : readMessage(text, { event: submitReferral });
  });
  return unsettled ? <SubmitReferral {...about} message={unsettled} unsettled={unsettled} /> : <FromTheRecord {...about} />;
}

function FromTheRecord(about: ReferralProps): ReactElement {
  const { state, reload } = useAssembledMessage(submitReferral, `ServiceRequest/${about.orderId}`);
  switch (state.kind) {
    case 'reading': {
      const { read = 0, found = 1 } = state.progress ?? {};
      return (
        <Stack>
          <ScreenHeading>Reading the record</ScreenHeading>
          <Progress value={(100 * read) / found} aria-label="Resources read" />
          <Text role="status">
            {read} of {found} resources
          </Text>
        </Stack>
      );
    }
    case 'failed':
      return (
        <Stack align="start">
          <ScreenHeading>The record could not be read</ScreenHeading>
          <Issues issues={toIssues(state.error)} />
          <Button onClick={reload}>Read it again</Button>
          <Button variant="outline" onClick={about.onLeave}>
            Back to the orders
          </Button>
        </Stack>
      );
    case 'ready':
      return <SubmitReferral {...about} message={state.value.message} issues={state.value.issues} />;
  }
}
