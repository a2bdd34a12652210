import type { BundleGraph } from '@fhir-messaging/core';
import { Table } from '@mantine/core';
import { getDisplayString } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import type { ReactElement } from 'react';

/** The resources of a message, and by what each is referred to. */
export function Contents({ graph }: { readonly graph: BundleGraph<Resource> }): ReactElement {
  return (
    <Table withTableBorder captionSide="top">
      <Table.Caption c="dark">What goes along</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Resource</Table.Th>
          <Table.Th scope="col">Which</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {graph.entries.slice(1).map(({ key, resource }) => (
          <Table.Tr key={key}>
            <Table.Td>{resource?.resourceType}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{resource && getDisplayString(resource)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
