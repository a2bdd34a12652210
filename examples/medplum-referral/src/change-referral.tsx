import type { ChangedEntry, SubmissionState } from '@fhir-messaging/core';
import { useMessageDraft, useUpdateMessage } from '@fhir-messaging/react-hooks';
import { Code, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core';
import type { Resource, ServiceRequest } from '@medplum/fhirtypes';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { updateReferral } from './events.ts';
import { Changes } from './parts/changes.tsx';
import { concerns, Issues } from './parts/issues.tsx';
import { ScreenHeading } from './parts/screen-heading.tsx';
import { SendingPanel } from './parts/sending-panel.tsx';
import { useLeaveWarning } from './parts/use-leave-warning.ts';
import { inWords, nextStep, openMessage } from './sending.ts';

const priorities: readonly NonNullable<ServiceRequest['priority']>[] = ['routine', 'urgent', 'asap', 'stat'];

type Done = Extract<SubmissionState<unknown, Resource>, { readonly kind: 'done' }>;

/** A referral that was submitted: its reply, and its changes, under the ids that the referral manager gave. */
export function ChangeReferral({ submitted }: { readonly submitted: Done }): ReactElement {
  const { state, adopted, submit, resend, submitAnyway, dismiss } = useUpdateMessage(updateReferral, submitted);
  const draft = useMessageDraft(adopted.graph, { event: updateReferral });
  const [sent, setSent] = useState<readonly (readonly ChangedEntry[])[]>([]);
  useLeaveWarning(openMessage(state) !== undefined);
  const { graph, issues, dirty, changes } = draft.state;
  const order = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest');
  const request = order?.resource?.resourceType === 'ServiceRequest' ? order.resource : undefined;
  const mayEdit = nextStep(state) === 'send' || state.kind === 'done';

  const edit = (change: (request: ServiceRequest) => void, group: string): void =>
    draft.edit(
      order?.key ?? '',
      (resource) => {
        if (resource.resourceType === 'ServiceRequest') change(resource);
      },
      { group },
    );

  /** What was sent is where the next change begins. */
  const settle = (reached: typeof state): void => {
    if (reached.kind !== 'done') return;
    setSent([...sent, changes.changed]);
    draft.reset(graph);
  };

  return (
    <Stack>
      <ScreenHeading>The referral is there</ScreenHeading>
      <Text role="status">{inWords(submitted, 'referral')}</Text>
      <Text>
        Its address there: <Code style={{ overflowWrap: 'anywhere' }}>{order?.key}</Code>
      </Text>
      <Changes versions={sent} />
      <Title order={3} size="h4">
        Change it
      </Title>
      <NativeSelect
        label="Priority"
        data={[...priorities]}
        value={request?.priority ?? 'routine'}
        disabled={!mayEdit}
        onChange={({ currentTarget }) => {
          const priority = priorities.find((name) => name === currentTarget.value) ?? 'routine';
          edit((change) => (change.priority = priority), 'priority');
        }}
      />
      <Textarea
        label="Note for the referral manager"
        value={request?.note?.[0]?.text ?? ''}
        disabled={!mayEdit}
        autosize
        onChange={({ currentTarget: { value } }) => edit((change) => (value === '' ? delete change.note : (change.note = [{ text: value }])), 'note')}
      />
      <Issues issues={concerns(issues)} />
      <SendingPanel
        what="change"
        state={dirty && state.kind === 'done' ? { kind: 'idle' } : state}
        canSend={dirty}
        onSend={() => void submit(graph).then(settle)}
        onResend={() => void resend().then(settle)}
        onSendAnyway={() => void submitAnyway().then(settle)}
        onDismiss={dismiss}
      />
    </Stack>
  );
}
