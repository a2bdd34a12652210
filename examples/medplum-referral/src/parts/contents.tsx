import type { BundleGraph } from '@fhir-messaging/core';
import { Table } from '@mantine/core';
import { getDisplayString } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import type { ReactElement } from 'react';

/** What a type of resource is to a clinician. */
const words: Partial<Record<Resource['resourceType'], string>> = {
  ServiceRequest: 'Order',
  Condition: 'Diagnosis',
  Coverage: 'Insurance',
  Location: 'Place',
  Observation: 'Finding',
  Practitioner: 'Clinician',
  PractitionerRole: 'Role',
  QuestionnaireResponse: 'Intake form',
};

/** The resources of a message, and by what each is referred to. */
export function Contents({ graph }: { readonly graph: BundleGraph<Resource> }): ReactElement {
  return (
    <Table withTableBorder captionSide="top">
      <Table.Caption c="dark">What goes along</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">What</Table.Th>
          <Table.Th scope="col">Which</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {graph.entries.slice(1).map(({ key, resource }) => (
          <Table.Tr key={key}>
            <Table.Td>{resource && (words[resource.resourceType] ?? resource.resourceType)}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{resource && getDisplayString(resource)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
