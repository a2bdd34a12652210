import { BundleNavigator } from '@bonfhir/core/r4b';
import { graphOf } from '@fhir-messaging/core';
import { findResourceInBundle } from '@medplum/core';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import type { FhirResource } from 'fhir-kit-client';
import { contestant, countRight } from '../contest.ts';
import type { Contestant, Row } from '../contest.ts';
import { base } from '../inputs.ts';
import type { Input } from '../inputs.ts';

/** Where every reference leads, found and resolved by us; peers are handed the references and look them up. */
export const resolveAll: Row = {
  name: 'graph.resolve-all',
  protocol: 'graphOf over a reused input, then linksFrom of every entry: finds each reference and the entry that it leads to; cold graph. Peers are given the references.',
  bars: { 1000: 0.5, 10000: 0.5 },
  prepare: (input) => ({ answers: input.references.length, ours: targetsOf(input), peers: peersOn(input) }),
};

/** The same, and every target's resource read, which copies and freezes it. */
export const resolveAndRead: Row = {
  name: 'graph.resolve-and-read',
  protocol: 'graphOf over a reused input, then resolve of each given reference and a read of its resource, which makes the frozen copy; cold graph.',
  prepare: (input) => ({ answers: input.references.length, ours: resourcesOf(input), peers: peersOn(input) }),
};

function targetsOf({ bundle, references }: Input): Contestant {
  return contestant(
    () => {
      const graph = graphOf(bundle);
      const targets: (string | undefined)[] = [];
      for (const { key } of graph.entries) {
        for (const { target } of graph.linksFrom(key)) {
          targets.push(target);
        }
      }
      return targets;
    },
    (targets) => countRight(targets, (target, position) => target === references[position]?.target),
  );
}

function resourcesOf({ bundle, references }: Input): Contestant {
  return contestant(
    () => {
      const graph = graphOf(bundle);
      return references.map(({ from, reference }) => {
        const resolution = graph.resolve(reference, { from });
        return resolution.kind === 'entry' ? resolution.resource : undefined;
      });
    },
    (resources) => countResources(resources, references),
  );
}

function peersOn({ references, text }: Input): Readonly<Record<string, Contestant>> {
  const forBonfhir: ConstructorParameters<typeof BundleNavigator>[0] = JSON.parse(text);
  const forKit: FhirResource = JSON.parse(text);
  const forMedplum: Bundle = JSON.parse(text);
  const kit = new Client({ baseUrl: base });
  return {
    '@bonfhir/core BundleNavigator': contestant(
      () => {
        const navigator = new BundleNavigator(forBonfhir);
        return references.map(({ reference }) => navigator.reference(reference));
      },
      (resources) => countResources(resources, references),
    ),
    'fhir-kit-client resolve': contestant(
      async () => {
        const resources = [];
        for (const { reference } of references) {
          resources.push(await kit.resolve({ reference, context: forKit }));
        }
        return resources;
      },
      (resources) => countResources(resources, references),
    ),
    '@medplum/core findResourceInBundle': contestant(
      () =>
        references.map(({ reference }) => {
          const [type = '', id = ''] = reference.split('/');
          return findResourceInBundle(forMedplum, type as Resource['resourceType'], id);
        }),
      (resources) => countResources(resources, references),
    ),
  };
}

function countResources(found: readonly unknown[], references: Input['references']): number {
  const nameOf = (resource: unknown): string => {
    const { resourceType, id } = (resource ?? {}) as { resourceType?: string; id?: string };
    return `${resourceType ?? ''}/${id ?? ''}`;
  };
  return countRight(found, (resource, position) => nameOf(resource) === references[position]?.reference);
}
