import type { Issue } from '@fhir-messaging/core';
import { List } from '@mantine/core';
import type { ReactElement } from 'react';

const words = { fatal: 'Error', error: 'Error', warning: 'Warning', information: 'Note' } as const;

/** Those that somebody may want to do something about. */
export function concerns(issues: readonly Issue[]): readonly Issue[] {
  return issues.filter(({ severity }) => severity !== 'information');
}

/** What is wrong, or worth knowing, each in one sentence. */
export function Issues({ issues }: { readonly issues: readonly Issue[] }): ReactElement | null {
  return issues.length === 0 ? null : (
    <List spacing="xs">
      {issues.map(({ severity, code, diagnostics, expression }, position) => (
        <List.Item key={position}>
          <strong>{words[severity]}</strong>: {diagnostics ?? code}
          {expression?.[0] !== undefined && ` (${expression[0]})`}
        </List.Item>
      ))}
    </List>
  );
}
