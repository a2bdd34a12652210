import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { inWords, issuesOf, nextStep } from '../sending.ts';
import type { SendingState } from '../sending.ts';
import { Issues } from './issues.tsx';

/** What the panel shows, and what its buttons do. */
export interface SendingPanelProps {
  readonly what: 'referral' | 'change';
  readonly state: SendingState;
  readonly canSend: boolean;
  readonly onSend: () => void;
  readonly onResend: () => void;
  readonly onSendAnyway: () => void;
  readonly onDismiss: () => void;
}

const colors: Readonly<Record<SendingState['kind'], string>> = {
  idle: 'gray',
  checking: 'blue',
  sending: 'blue',
  accepted: 'green',
  done: 'green',
  invalid: 'red',
  refused: 'red',
  rejected: 'red',
  failed: 'yellow',
  mayHaveArrived: 'yellow',
};

/** Where a message stands, said aloud too, and the buttons that make sense there. */
export function SendingPanel({ what, state, canSend, onSend, onResend, onSendAnyway, onDismiss }: SendingPanelProps): ReactElement {
  const step = nextStep(state);
  return (
    <Stack>
      <Alert color={colors[state.kind]} variant="light" role="status">
        <Text c="dark">{inWords(state, what)}</Text>
        <Issues issues={issuesOf(state)} />
      </Alert>
      <Group>
        {step === 'send' && (
          <Button onClick={onSend} disabled={!canSend}>
            Send the {what}
          </Button>
        )}
        {step === 'resend' && <Button onClick={onResend}>Send the same one again</Button>}
        {step === 'decide' && (
          <>
            <Button onClick={onResend}>Send the earlier one again</Button>
            <Button variant="outline" onClick={onSendAnyway}>
              Send this one too
            </Button>
            <Button variant="outline" onClick={onDismiss}>
              Neither
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}
