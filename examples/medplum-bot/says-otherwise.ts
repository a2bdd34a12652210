import { isSameContent } from '@fhir-messaging/core';
import type { MedplumClient } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { isFromMessage, keptOf } from './meta.ts';
import { searchValue } from './search-value.ts';

/**
 * Whether a resource of ours says something else than the one that a message carries under the same URL of its sender.
 *
 * What they refer to is compared by its sender's URL too: whether it came along, in this message or in the one before, is no difference.
 *
 * @param sources - the senders' URLs of what the message carries, by its names in the graph.
 */
export async function saysOtherwise(medplum: MedplumClient, held: Resource, sent: Resource, sources: ReadonlyMap<string, string>): Promise<boolean> {
  return !isSameContent(await inNamesOfSender(medplum, held, sources), await inNamesOfSender(medplum, sent, sources));
}

async function inNamesOfSender(medplum: MedplumClient, resource: Resource, sources: ReadonlyMap<string, string>): Promise<object> {
  const text = JSON.stringify({ ...resource, id: undefined, meta: keptOf(resource.meta) });
  const names = new Map(sources);
  const ours = new Set(text.match(/(?<="reference":")[A-Z]\w+\/[^"]+/g));
  await Promise.all([...ours].map(async (reference) => names.set(reference, (await sourceOf(medplum, reference)) ?? reference)));
  const said: unknown = JSON.parse(text, (name, value: unknown) => (name === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : value));
  return { said };
}

/** The URL that a resource of ours has at its sender; only what came by a message has one that nothing else has. */
async function sourceOf(medplum: MedplumClient, reference: string): Promise<string | undefined> {
  const [type, id = ''] = reference.split('/');
  const target = await medplum.searchOne(type as 'Patient', { _id: searchValue(id) });
  return target && isFromMessage(target) ? target.meta?.source : undefined;
}
