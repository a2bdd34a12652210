import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { graphOf, parseGraph, renameEntry, updateEntry, type BundleGraph, type ResolutionMode } from '@fhir-messaging/core';
import type { AnyBundle, AnyEntry, AnyResource } from './bundles.ts';

/** A value behind proxies that count every look at a member of it, at any depth. */
function counted<T extends object>(value: T): { readonly value: T; readonly reads: () => number } {
  let reads = 0;
  const proxies = new WeakMap<object, object>();
  const wrap = (target: unknown): unknown => {
    if (typeof target !== 'object' || target === null) return target;
    let proxy = proxies.get(target);
    if (proxy === undefined) {
      proxy = new Proxy(target, {
        get: (holder, name) => {
          reads += 1;
          return wrap(Reflect.get(holder, name));
        },
        getOwnPropertyDescriptor: (holder, name) => {
          reads += 1;
          return Reflect.getOwnPropertyDescriptor(holder, name);
        },
        has: (holder, name) => {
          reads += 1;
          return Reflect.has(holder, name);
        },
        ownKeys: (holder) => {
          reads += 1;
          return Reflect.ownKeys(holder);
        },
      });
      proxies.set(target, proxy);
    }
    return proxy;
  };
  return { value: wrap(value) as T, reads: () => reads };
}

type AnyGraph = BundleGraph<AnyResource> | BundleGraph;

/** Everything that is read of a whole graph. */
const work: Readonly<Record<string, (graph: AnyGraph) => unknown>> = {
  entries: (graph) => graph.entries.map(({ key }) => key),
  linksFrom: (graph) => graph.entries.map(({ key }) => graph.linksFrom(key)),
  linksTo: (graph) => graph.entries.map(({ key }) => graph.linksTo(key)),
  unresolved: (graph) => graph.unresolved(),
  closure: (graph) => [graph.closure(), graph.closure({ reverse: true })],
  focus: (graph) => graph.focus,
  bundle: (graph) => graph.bundle,
};

const sample = JSON.parse(readFileSync(new URL('../fixtures/netsmart-update-request.json', import.meta.url), 'utf8')) as AnyBundle;

/** Netsmart's ten resources over and over, each time with ids of their own, under the one header. */
function netsmart(size: number): AnyBundle {
  const [header, ...rest] = sample.entry;
  const text = JSON.stringify(rest);
  const copies = Array.from({ length: Math.ceil(size / rest.length) }, (_, copy) => JSON.parse(text.replaceAll(/\b([A-Z][A-Za-z]+\/[A-Z0-9-]+)"/g, `$1-${copy}"`)) as AnyEntry[]);
  return { ...sample, entry: [...(header === undefined ? [] : [header]), ...copies.flat()].slice(0, size) };
}

const bundleOf = (size: number, entryAt: (at: number) => AnyEntry): AnyBundle => ({ resourceType: 'Bundle', type: 'message', entry: Array.from({ length: size }, (_, at) => entryAt(at)) });
const base = 'https://a.example/';

/** Shapes by the number of their parts: entries, references or contained resources. */
const shapes: readonly (readonly [shape: string, mode: ResolutionMode, make: (size: number) => AnyBundle])[] = [
  ["Netsmart's resources over and over", 'strict', netsmart],
  ["Netsmart's resources over and over, read leniently", 'lenient', netsmart],
  ['entries that all have the same fullUrl', 'strict', (size) => bundleOf(size, () => ({ fullUrl: `${base}Task/1`, resource: { resourceType: 'Task', partOf: [{ reference: 'Task/1' }] } }))],
  ['versions of one resource that each name one', 'strict', (size) => bundleOf(size, (at) => ({ fullUrl: `${base}Task/1`, resource: { resourceType: 'Task', meta: { versionId: `${at}` }, partOf: [{ reference: `Task/1/_history/${size - at - 1}` }] } }))],
  ['entries of one fullUrl and version that each name it', 'strict', (size) => bundleOf(size, () => ({ fullUrl: `${base}Task/1`, resource: { resourceType: 'Task', meta: { versionId: '1' }, partOf: [{ reference: 'Task/1/_history/1' }] } }))],
  ['entries without a fullUrl that all go by one type and id', 'lenient', (size) => bundleOf(size, (at) => ({ resource: { resourceType: 'Task', id: '1', meta: { versionId: `${at}` }, partOf: [{ reference: 'Task/1' }, { reference: `Task/1/_history/${at}` }] } }))],
  ['one id on as many servers', 'lenient', (size) => bundleOf(size, (at) => ({ fullUrl: at % 2 === 0 ? `urn:uuid:${at}` : `https://s${at}.example/Task/1`, resource: { resourceType: 'Task', id: '1', partOf: [{ reference: 'Task/1' }] } }))],
  ['one entry with all references', 'strict', (size) => bundleOf(2, (at) => ({ fullUrl: `${base}Task/${at}`, resource: { resourceType: 'Task', input: Array.from({ length: size }, () => ({ valueReference: { reference: `Task/${1 - at}` } })) } }))],
  ['one entry that all refer to', 'strict', (size) => bundleOf(size, (at) => ({ fullUrl: `${base}Task/${at}`, resource: { resourceType: 'Task', partOf: [{ reference: 'Task/0' }] } }))],
  ['one entry that contains all, and refers to each', 'strict', (size) => bundleOf(2, (at) => ({ fullUrl: `${base}Task/${at}`, resource: { resourceType: 'Task', contained: Array.from({ length: size }, (_, id) => ({ resourceType: 'Basic', id: `c${id}` })), input: Array.from({ length: size }, (_, id) => ({ valueReference: { reference: `#c${size - id}` } })) } }))],
  ['a chain', 'strict', (size) => bundleOf(size, (at) => ({ fullUrl: `urn:uuid:${at}`, resource: { resourceType: 'Task', partOf: [{ reference: `urn:uuid:${at + 1}` }] } }))],
  ['a chain in the other direction', 'strict', (size) => bundleOf(size, (at) => ({ fullUrl: `urn:uuid:${at}`, resource: { resourceType: 'Task', partOf: [{ reference: `urn:uuid:${at - 1}` }] } }))],
  ['references that lead nowhere', 'strict', (size) => bundleOf(size, (at) => ({ fullUrl: `urn:uuid:${at}`, resource: { resourceType: 'Task', partOf: [{ reference: `urn:uuid:none` }, { reference: 'Task/1' }, { reference: '#x' }, { identifier: {} }] } }))],
];

const sizes = [100, 200, 400, 800];

/** The most by which reads for each part of a shape may differ from one size to another. */
const spread = (perPart: readonly number[]): number => Math.max(...perPart) / Math.min(...perPart) - 1;

describe('work grows as the Bundle does, counted in reads of the input', { timeout: 120_000 }, () => {
  it.each(shapes)('%s (%s)', (_shape, mode, make) => {
    const perPart = sizes.map((size) => {
      const { value, reads } = counted(make(size));
      const graph = graphOf<AnyResource>(value, { mode });
      Object.values(work).forEach((act) => act(graph));
      return reads() / size;
    });

    expect(perPart.every((reads) => reads > 1)).toBe(true);
    expect(spread(perPart)).toBeLessThan(0.05);
  });

  it.each(Object.keys(work).filter((name) => name !== 'focus'))('%s, asked alone', (name) => {
    const perPart = sizes.map((size) => {
      const { value, reads } = counted(netsmart(size));
      work[name]?.(graphOf<AnyResource>(value));
      return reads() / size;
    });

    expect(spread(perPart)).toBeLessThan(0.05);
  });
});

describe('work is not done twice', { timeout: 120_000 }, () => {
  const everything = (graph: AnyGraph): unknown => Object.values(work).map((act) => act(graph));

  it('a graph that was read once reads its input no more', () => {
    const { value, reads } = counted(netsmart(200));
    const graph = graphOf<AnyResource>(value);
    everything(graph);
    const first = reads();

    everything(graph);

    expect(reads() - first).toBe(0);
  });

  it('what nobody asks for is not read: one entry of 800 costs as little as one of 100', () => {
    const [few, many] = [100, 800].map((size) => {
      const { value, reads } = counted(netsmart(size));
      const graph = graphOf<AnyResource>(value);
      const before = reads();
      graph.linksFrom(`https://fhir.netsmartcloud.com/v4/PractitionerRole/45678-0`);
      return { cost: reads() - before, made: before / size };
    });

    expect([few?.cost, many?.cost]).toEqual([few?.cost, few?.cost]);
    expect(few?.cost).toBeLessThan(60);
    expect(many?.made).toBeLessThan(5);
  });

  it('what an entry refers to is walked once, whatever is edited elsewhere', () => {
    const { value, reads } = counted(netsmart(200));
    const graph = graphOf(value);
    graph.unresolved();
    const first = reads();

    const edited = updateEntry(graph, 'Patient/987654-0', (patient) => {
      patient.active = true;
    });
    edited.unresolved();

    expect((reads() - first) / first).toBeLessThan(0.1);
  });

  it('an edit reads nothing of the input but what stands around the entries', () => {
    const cost = [100, 800].map((size) => {
      const { value, reads } = counted(netsmart(size));
      const graph = graphOf(value);
      everything(graph);
      const before = reads();
      everything(
        updateEntry(graph, 'Patient/987654-0', (patient) => {
          patient.active = true;
        }),
      );
      return reads() - before;
    });

    expect(cost[0]).toBeLessThan(10);
    expect(cost[1]).toBe(cost[0]);
  });
});

describe('ten thousand', { timeout: 120_000 }, () => {
  const many = 10_000;

  it.each(shapes)('%s (%s), in no more than a moment', (_shape, mode, make) => {
    const graph = graphOf<AnyResource>(make(many), { mode });

    Object.values(work).forEach((act) => act(graph));
    const key = graph.entries[1]?.key ?? '';
    const renamed = renameEntry(graph, key, 'urn:uuid:renamed');

    expect(renamed.get('urn:uuid:renamed')).toBeDefined();
  });

  it('characters of a URL, levels of a text and elements of an array, in no more than a moment', () => {
    const long = 'a/'.repeat(many * 100);

    expect(graphOf<AnyResource>(bundleOf(1, () => ({ fullUrl: `https://${long}`, resource: { resourceType: 'Task', partOf: [{ reference: long }, { reference: `https://${long}Patient/1` }] } }))).unresolved()).toHaveLength(2);
    expect(parseGraph(`{"resourceType":"Bundle","entry":${'['.repeat(many)}${']'.repeat(many)}}`).size).toBe(1);
    expect(parseGraph(`{"resourceType":"Bundle","entry":[${'0,'.repeat(many * 10)}0]}`).entries).toHaveLength(many * 10 + 1);
  });
});
