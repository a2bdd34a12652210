import { newFullUrl, renameEntry } from '@fhir-messaging/core';
import type { BundleGraph, Issue, NamedEntry } from '@fhir-messaging/core';
import type { MedplumClient } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { levelsOf } from './levels-of.ts';
import { isOfMessage, keptOf, messageIds, metaOf } from './meta.ts';
import { saysOtherwise } from './says-otherwise.ts';
import { searchValue } from './search-value.ts';

/** A message that was received, and where it goes. */
export interface Received {
  readonly medplum: MedplumClient;
  readonly graph: BundleGraph<Resource>;
  /** Its sender's reference and its own id. */
  readonly messageId: string;
}

/** What storing takes. */
export interface StoreOptions extends Received {
  /** Whether all that the message says was done before: it changes nothing now, and its answer is what it was. */
  readonly isRepeat: boolean;
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
 * resource of ours. Nor where a resource is here under its sender's URL, and says something else: what refers to it would refer to that.
 */
export async function storeGraph({ medplum, graph, messageId, isRepeat }: StoreOptions): Promise<Storing> {
  const base = medplum.fhirUrl().href;
  const { graph: neutral, sources } = withoutForeignNames(graph, base);

  const [header] = neutral.entries;
  const meaningless = neutral.unresolved().filter(({ from, kind, reference = '' }) => from !== header?.key && (kind !== 'external' || /^https?:(?!\/\/)/i.test(reference)));
  if (meaningless.length > 0) {
    return { issues: meaningless.map(({ from, path }) => notTaken('A reference to what the message does not carry says its server here.', placeOf(neutral, from, path))) };
  }
  const levels = levelsOf(neutral, [...sources.keys()]);
  if (levels === undefined) {
    return { issues: [notTaken('Resources that refer to each other in a circle are not taken here.')] };
  }

  const held = await heldAs(medplum, neutral, sources);
  const comparing = (isRepeat ? [] : [...held]).map(async ([key, resource]) => ((await saysOtherwise(medplum, resource, resourceAt(neutral, key, base), sources)) ? [key] : []));
  const others = (await Promise.all(comparing)).flat();
  if (others.length > 0) {
    return { issues: others.map((key) => notTaken(saidOtherwise, placeOf(neutral, key, ''))) };
  }

  let named = neutral;
  for (const level of levels) {
    const creating = level.map(async (key) => {
      const { resourceType, id } = held.get(key) ?? (await create(medplum, resourceAt(named, key, base), sources.get(key) ?? key, messageId));
      return { key, url: `${base}${resourceType}/${id}` };
    });
    for (const { key, url } of await Promise.all(creating)) named = renameEntry(named, key, url);
  }

  const stored = named.entries.slice(1).map(({ key }): Stored => ({ fullUrl: key, resource: resourceAt(named, key, base) }));
  const renewing = isRepeat ? [] : stored.filter(({ fullUrl }) => graph.entries.some(({ key }) => key === fullUrl));
  await Promise.all(renewing.map(({ resource }) => renew(medplum, resource)));
  return { stored };
}

const saidOtherwise = 'This is here already, and says something else: change it by an update, under the URL that it has here, or send it under another one.';

function notTaken(diagnostics: string, place?: string): Issue {
  return { severity: 'error', code: 'business-rule', diagnostics, expression: place === undefined ? undefined : [place] };
}

/** A place in an entry's resource, as FHIRPath from the Bundle. */
function placeOf(graph: BundleGraph<Resource>, key: string, path: string): string {
  return `Bundle.entry[${graph.entries.findIndex((entry) => entry.key === key)}].resource${path.slice(path.indexOf('.'))}`;
}

/** What is here under the URLs that its sender gives, by the names in the graph. */
async function heldAs(medplum: MedplumClient, graph: BundleGraph<Resource>, sources: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Resource>> {
  const looking = graph.entries.map(async ({ key, resource }) => {
    const source = sources.get(key);
    const found = resource && source !== undefined ? await medplum.searchOne(resource.resourceType, { _source: searchValue(source) }) : undefined;
    return found ? [[key, found] as const] : [];
  });
  return new Map((await Promise.all(looking)).flat());
}

/** Where another message was faster, with the same URL, this one comes again, and is held against what that one stored. */
async function create(medplum: MedplumClient, { id: _, ...resource }: Resource, source: string, messageId: string): Promise<Resource> {
  const meta = metaOf(resource.meta, { source, tag: [{ system: messageIds, code: messageId }] });
  const created = await medplum.createResourceIfNoneExist({ ...resource, meta }, `_source=${encodeURIComponent(searchValue(source))}`);
  if (!isOfMessage(created, messageId)) {
    throw new Error('Another message stored a resource of that URL in this moment.');
  }
  return created;
}

/** What it was named by its first sender stays: by that it is recognised. */
async function renew(medplum: MedplumClient, resource: Resource): Promise<void> {
  const { meta = {} } = await medplum.readResource(resource.resourceType, resource.id ?? '');
  await medplum.updateResource({ ...resource, meta: metaOf(resource.meta, meta) });
}

/** The graph with a `urn:` for every name of another server: what refers out of the message then says to which server, and nobody takes it for ours. */
function withoutForeignNames(graph: BundleGraph<Resource>, base: string): { readonly graph: BundleGraph<Resource>; readonly sources: ReadonlyMap<string, string> } {
  const foreign = graph.entries.slice(1).filter(({ key }) => !key.startsWith(base));
  const sources = new Map(foreign.map(({ key }) => [newFullUrl(), key] as const));
  return { graph: [...sources].reduce((renamed, [urn, key]) => renameEntry(renamed, key, urn), graph), sources };
}

/** An entry's resource as it is kept: with references to this server relative, and of its `meta` what is its sender's to say. */
function resourceAt(graph: BundleGraph<Resource>, key: string, base: string): Resource;
function resourceAt(graph: BundleGraph<Resource>, key: string, base: string): unknown {
  const relative = (name: string, value: unknown): unknown => (name === 'reference' && typeof value === 'string' && value.startsWith(base) ? value.slice(base.length) : value);
  const resource: unknown = JSON.parse(JSON.stringify({ ...graph.get(key), meta: keptOf(graph.get(key)?.meta) }), relative);
  return resource;
}
