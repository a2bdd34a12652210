import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { CodeableConceptDisplay, Loading, OperationOutcomeAlert } from '@medplum/react';
import { useSearchResources } from '@medplum/react-hooks';
import type { ReactElement } from 'react';
import { ScreenHeading } from './parts/screen-heading.tsx';

/** What can be referred: the patient's orders, by Medplum's own search hook. */
export function Orders({ patientId, onChoose }: { readonly patientId: string; readonly onChoose: (orderId: string) => void }): ReactElement {
  const [orders, loading, outcome] = useSearchResources('ServiceRequest', { subject: `Patient/${patientId}` });
  return (
    <Stack>
      <ScreenHeading>Which order is to be referred?</ScreenHeading>
      {loading && <Loading />}
      {orders === undefined && !loading && <OperationOutcomeAlert {...(outcome && { outcome })} />}
      {orders?.length === 0 && <Text>There is no order for this patient.</Text>}
      {orders?.map(({ id, code, authoredOn, priority }) => (
        <Card key={id} withBorder>
          <Group justify="space-between">
            <div>
              <Text fw={600}>{code ? <CodeableConceptDisplay value={code} /> : id}</Text>
              <Text size="sm">
                {priority ?? 'routine'}, ordered {authoredOn ?? 'on an unknown day'}
              </Text>
            </div>
            <Button onClick={() => onChoose(id)}>Refer</Button>
          </Group>
        </Card>
      ))}
    </Stack>
  );
}
