import type { ChangedEntry } from '@fhir-messaging/core';
import { Code, List, Title } from '@mantine/core';
import type { ReactElement } from 'react';

/** What each version of a referral changed, after the first one. */
export function Changes({ versions }: { readonly versions: readonly (readonly ChangedEntry[])[] }): ReactElement | null {
  return versions.length === 0 ? null : (
    <section>
      <Title order={3} size="h4">
        {versions.length + 1} versions
      </Title>
      <List type="ordered" start={2} style={{ overflowWrap: 'anywhere' }}>
        {versions.map((changed, position) => (
          <List.Item key={position}>
            {changed.flatMap(({ key, patch }) => patch.map((step) => ({ id: `${key} ${step.path}`, step }))).map(({ id, step }) => (
              <div key={id}>
                {step.op} <Code>{step.path}</Code>
                {'value' in step && ` ${JSON.stringify(step.value)}`}
              </div>
            ))}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
