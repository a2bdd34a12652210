import type { ChangedEntry } from '@fhir-messaging/core';
import { List, Title } from '@mantine/core';
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
          <List.Item key={position}>{changed.flatMap(({ patch }) => patch.map(inWords)).join('; ')}</List.Item>
        ))}
      </List>
    </section>
  );
}

function inWords({ op, path, ...step }: ChangedEntry['patch'][number]): string {
  const element = path.slice(1).replaceAll('/', ' ');
  return op === 'remove' ? `${element} was removed` : `${element} is now ${valuesIn('value' in step ? step.value : '').join(', ')}`;
}

/** The plain values in a value, such as the text of a note. */
function valuesIn(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : [String(value)];
}
