import { Group, Text, Title } from '@mantine/core';
import type { Patient } from '@medplum/fhirtypes';
import { HumanNameDisplay, ResourceAvatar } from '@medplum/react';
import type { ReactElement } from 'react';

/** For whom: on every screen, so that nobody refers somebody else. */
export function PatientBanner({ patient }: { readonly patient: Patient }): ReactElement {
  const [name] = patient.name ?? [];
  return (
    <Group component="header" mb="lg" wrap="nowrap">
      <ResourceAvatar value={patient} size="lg" aria-hidden />
      <div>
        <Title order={1} size="h2">
          {name ? <HumanNameDisplay value={name} /> : 'A patient without a name'}
        </Title>
        <Text>
          Born {patient.birthDate ?? 'on an unknown day'}
          {patient.gender !== undefined && `, ${patient.gender}`}
        </Text>
      </div>
    </Group>
  );
}
