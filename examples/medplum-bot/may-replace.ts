import type { MedplumClient } from '@medplum/core';
import { isFromMessage } from './meta.ts';
import { searchValue } from './search-value.ts';

/** Whether a resource of ours came by a message, and is about this patient or about nobody: nothing else may be replaced by what a sender says. */
export async function mayReplace(medplum: MedplumClient, reference: string, patient: string): Promise<boolean> {
  const [type, id] = reference.split('/');
  const { entry = [] } = await medplum.search(type as 'Patient', { _id: searchValue(id ?? '') });
  const [resource] = entry.map((found) => found.resource);
  const patients = JSON.stringify(resource ?? {}).match(/(?<=")Patient\/[^"]+/g) ?? [];
  return resource !== undefined && isFromMessage(resource) && patients.every((other) => other === patient);
}
