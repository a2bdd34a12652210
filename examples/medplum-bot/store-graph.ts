import { newFullUrl, renameEntry } from '@fhir-messaging/core';
import type { BundleGraph, Issue, NamedEntry } from '@fhir-messaging/core';
import type { MedplumClient } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { levelsOf } from './levels-of.ts';

/** The identifiers that are the ids of messages, each behind its sender's reference. */
export const messageIds = 'https://harbor.example.org/message-ids';

/** A message that was received, and where it goes. */
export interface Received {
  readonly medplum: MedplumClient;
  readonly graph: BundleGraph<Resource>;
  /** Its sender's reference and its own id. */
  readonly messageId: string;
}

/** What storing takes. */
export interface StoreOptions extends Received {
  /** Whether resources that are here under the URLs that the message names are replaced by what it carries. */
  readonly replace: boolean;
}

/** A resource under its URL on this server. */
export type Stored = NamedEntry<Resource>;

/** What is stored; or why nothing is. */
export type Storing = { readonly stored: readonly Stored[] } | { readonly issues: readonly Issue[] };

/**
 * Stores what a message carries, each resource once however often the message comes: `meta.source` keeps the URL that the sender knows it by,
 * and Medplum's conditional create makes no second one with the same.
 *
 * A resource is created after those that it refers to, so that what is stored refers to what is stored. Not one transaction: Medplum refuses
 * one with conditional creates and more than eight entries. What a run that broke off left undone, the same message, sent again, completes.
 *
 * Nothing is stored where resources refer to each other in a circle, or to something of no server that the message does not carry: stored here, that would be a
 * resource of ours.
 */
export async function storeGraph({ medplum, graph, messageId, replace }: StoreOptions): Promise<Storing> {
  const base = medplum.fhirUrl().href;
  const tag = [{ system: messageIds, code: messageId }];
  const { graph: neutral, sources } = withoutForeignNames(graph, base);

  const meaningless = neutral.unresolved().filter(({ from, reference = '#' }) => sources.has(from) && !/^(#|https?:\/\/)/i.test(reference));
  if (meaningless.length > 0) {
    return { issues: meaningless.map(({ from, path }) => notTaken('A reference to what the message does not carry says its server here.', placeOf(neutral, from, path))) };
  }
  const levels = levelsOf(neutral, [...sources.keys()]);
  if (levels === undefined) {
    return { issues: [notTaken('Resources that refer to each other in a circle are not taken here.')] };
  }
  let named = neutral;
  for (const level of levels) {
    const creating = level.map(async (key) => {
      const source = sources.get(key) ?? key;
      const { id: _, ...resource } = resourceAt(named, key, base);
      const { resourceType, id } = await medplum.createResourceIfNoneExist({ ...resource, meta: { source, tag } }, `_source=${encodeURIComponent(searchValue(source))}`);
      return { key, url: `${base}${resourceType}/${id}` };
    });
    for (const { key, url } of await Promise.all(creating)) named = renameEntry(named, key, url);
  }

  const stored = named.entries.slice(1).map(({ key }): Stored => ({ fullUrl: key, resource: resourceAt(named, key, base) }));
  const renewing = replace ? stored.filter(({ fullUrl }) => graph.entries.some(({ key }) => key === fullUrl)) : [];
  await Promise.all(renewing.map(({ resource }) => renew(medplum, resource)));
  return { stored };
}

function notTaken(diagnostics: string, place?: string): Issue {
  return { severity: 'error', code: 'business-rule', diagnostics, expression: place === undefined ? undefined : [place] };
}

/** A place in an entry's resource, as FHIRPath from the Bundle. */
function placeOf(graph: BundleGraph<Resource>, key: string, path: string): string {
  return `Bundle.entry[${graph.entries.findIndex((entry) => entry.key === key)}].resource${path.slice(path.indexOf('.'))}`;
}

/** What a sender wrote, as a search takes it: a comma in it makes no two of it. */
export function searchValue(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&');
}

/** What it was named by its first sender stays: by that it is recognised. */
async function renew(medplum: MedplumClient, resource: Resource): Promise<void> {
  const { meta: { source = '', tag = [] } = {} } = await medplum.readResource(resource.resourceType, resource.id ?? '');
  await medplum.updateResource({ ...resource, meta: { source, tag } });
}

/** The graph with a `urn:` for every name of another server: what refers out of the message then says to which server, and nobody takes it for ours. */
function withoutForeignNames(graph: BundleGraph<Resource>, base: string): { readonly graph: BundleGraph<Resource>; readonly sources: ReadonlyMap<string, string> } {
  const foreign = graph.entries.slice(1).filter(({ key }) => !key.startsWith(base));
  const sources = new Map(foreign.map(({ key }) => [newFullUrl(), key] as const));
  return { graph: [...sources].reduce((renamed, [urn, key]) => renameEntry(renamed, key, urn), graph), sources };
}

/** An entry's resource, with references to this server as Medplum keeps them: relative. */
function resourceAt(graph: BundleGraph<Resource>, key: string, base: string): Resource;
function resourceAt(graph: BundleGraph<Resource>, key: string, base: string): unknown {
  const relative = (name: string, value: unknown): unknown => (name === 'reference' && typeof value === 'string' && value.startsWith(base) ? value.slice(base.length) : value);
  const resource: unknown = JSON.parse(JSON.stringify(graph.get(key)), relative);
  return resource;
}
