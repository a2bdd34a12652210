import { adopt, graphOf, renameEntry } from '@fhir-messaging/core';
import type { BundleGraph } from '@fhir-messaging/core';
import { convertToTransactionBundle } from '@medplum/core';
import type { Bundle } from '@medplum/fhirtypes';
import { contestant, countRight } from '../contest.ts';
import type { Contestant, Row } from '../contest.ts';
import { base } from '../inputs.ts';
import type { Input, KnownReference } from '../inputs.ts';

/** One entry under another name, and its referrers' links afterwards. */
export const rename: Row = {
  name: 'graph.rename',
  protocol:
    'Warm graph (all links known, everything handed out), reused: renameEntry of an Organization with three referrers, then linksFrom of each of them, which makes the new table of names. convertToTransactionBundle can only rename everything.',
  bars: { 1000: 0.1, 10000: 0.1 },
  prepare: (input) => {
    const from = input.bundle.entry?.find(({ resource }) => resource?.resourceType === 'Organization')?.fullUrl ?? '';
    const to = `${base}Organization/renamed`;
    const referrers = input.references.filter(({ target }) => target === from);
    const graph = warmGraph(input);
    return {
      answers: referrers.length,
      ours: contestant(
        () => {
          const renamed = renameEntry(graph, from, to);
          return referrers.map((referrer) => renamed.linksFrom(referrer.from));
        },
        (found) => countRight(found, (links) => links.filter(({ target }) => target === to).length === 1),
      ),
      peers: { '@medplum/core convertToTransactionBundle': withMedplum(input, referrers) },
    };
  },
};

/** Every entry under another name, and every reference rewritten. */
export const renameAll: Row = {
  name: 'graph.rename-all',
  protocol: 'Warm graph (all links known, everything handed out), reused: adopt of a urn for every entry but the header, then graph.bundle.',
  prepare: (input) => {
    const graph = warmGraph(input);
    const names = new Map(graph.entries.slice(1).map(({ key }, at) => [key, `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`]));
    const assigned = [...names].map(([from, to]) => ({ from, to, by: 'full-url' }) as const);
    return {
      answers: input.references.length,
      ours: contestant(
        () => {
          const renamed = adopt(graph, assigned);
          return { renamed, bundle: renamed.bundle };
        },
        ({ renamed }) => {
          const links = renamed.entries.flatMap(({ key }) => renamed.linksFrom(key));
          return countRight(links, ({ reference, target }, at) => target === names.get(input.references[at]?.target ?? '') && reference === target);
        },
      ),
      peers: { '@medplum/core convertToTransactionBundle': withMedplum(input, input.references) },
    };
  },
};

function warmGraph({ bundle }: Input): BundleGraph {
  const graph = graphOf(bundle);
  graph.unresolved();
  graph.linksTo(graph.entries[0]?.key ?? '');
  return graph.bundle.entry === undefined ? graphOf(bundle) : graph;
}

function withMedplum({ text }: Input, asked: readonly KnownReference[]): Contestant {
  const bundle: Bundle = JSON.parse(text);
  return contestant(
    () => convertToTransactionBundle(bundle),
    () => {
      const targets = targetsByOldName(convertToTransactionBundle(taggedBundle(text)));
      return countRight(asked, ({ from, target }) => targets.get(from)?.includes(target) === true);
    },
  );
}

/** Nothing in the converted Bundle says what an entry was called, so each resource carries it along. */
function taggedBundle(text: string): Bundle {
  const bundle: Bundle = JSON.parse(text);
  for (const { fullUrl = '', resource } of bundle.entry ?? []) {
    if (resource) resource.meta = { source: fullUrl };
  }
  return bundle;
}

/** Where each entry's references lead, all in the names from before. */
function targetsByOldName(bundle: Bundle): ReadonlyMap<string, readonly string[]> {
  const oldName = new Map(bundle.entry?.map(({ fullUrl = '', resource }) => [fullUrl, resource?.meta?.source ?? '']));
  return new Map(
    bundle.entry?.map(({ resource }) => {
      const targets: string[] = [];
      JSON.stringify(resource, (name, value: unknown) => {
        if (name === 'reference' && typeof value === 'string') targets.push(oldName.get(value) ?? value);
        return value;
      });
      return [resource?.meta?.source ?? '', targets];
    }),
  );
}
