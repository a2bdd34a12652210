import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import type { BundleLike } from '../fhir/bundle.ts';
import { graphOf } from './graph-of.ts';
import { isGraph, stateOf } from './graph-value.ts';
import { newFullUrl } from './new-full-url.ts';
import { codeOf } from '../../test/code-of.ts';
import { bundleOf } from '../../test/bundle-of.ts';

/** The paths of what is not frozen in a value; objects that hold accessors are read through. */
function unfrozenIn(value: unknown, path = '$'): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Object.isFrozen(value) ? [] : [path]), ...Object.entries(value).flatMap(([name, item]) => unfrozenIn(item, `${path}.${name}`))];
}

const s = 'https://s.example/';
const source = bundleOf(
  { fullUrl: `${s}MessageHeader/h`, resource: { resourceType: 'MessageHeader', focus: [{ reference: 'Task/2' }, { reference: 'Task/1' }, { reference: 'Task/9' }, { reference: '#c' }, { display: 'x' }] } },
  { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', id: '1', for: { reference: 'Patient/p' }, note: [{ text: 'a' }] } },
  { fullUrl: `${s}Task/2`, resource: { resourceType: 'Task', id: '2', for: { reference: 'Patient/p' }, owner: { identifier: { value: 'n' } } } },
  { fullUrl: `${s}Patient/p`, resource: { resourceType: 'Patient', id: 'p' } },
  { fullUrl: 'urn:uuid:prov', resource: { resourceType: 'Provenance', id: 'prov', target: [{ reference: `${s}Task/1` }] } },
  { fullUrl: 'urn:uuid:lone', resource: { resourceType: 'Basic', id: 'lone' } },
);

describe('graphOf', () => {
  it('gives the entries in their order, by fullUrl', () => {
    const graph = graphOf(source);

    expect(graph.size).toBe(6);
    expect(graph.entries.map(({ key }) => key)).toEqual([`${s}MessageHeader/h`, `${s}Task/1`, `${s}Task/2`, `${s}Patient/p`, 'urn:uuid:prov', 'urn:uuid:lone']);
    expect(graph.entries.map(({ fullUrl }) => fullUrl)).toEqual(source.entry?.map(({ fullUrl }) => fullUrl));
  });

  it('gives the header that the first entry holds (bdl-12)', () => {
    expect(graphOf(source).header?.focus).toHaveLength(5);
    expect(graphOf(bundleOf(...(source.entry ?? []).slice(1))).header).toBeUndefined();
    expect(graphOf(bundleOf()).header).toBeUndefined();
  });

  it('gives the resources of the Bundle that the header focuses on, in its order (MessageHeader.focus)', () => {
    const graph = graphOf(source);

    expect(graph.focus.map(({ id }) => id)).toEqual(['2', '1']);
    expect(graph.focus[0]).toBe(graph.get('Task/2'));
    expect(graph.focus).toBe(graph.focus);
  });

  it('takes no other focus than a header\'s, and none that leads to an empty entry (MessageHeader.focus)', () => {
    const looksAtItself = { fullUrl: `${s}Observation/1`, resource: { resourceType: 'Observation', focus: [{ reference: 'Observation/1' }] } };
    const header = { fullUrl: `${s}MessageHeader/1`, resource: { resourceType: 'MessageHeader', focus: [{ reference: 'Task/1' }] } };

    expect(graphOf(bundleOf(looksAtItself)).focus).toEqual([]);
    expect(graphOf(bundleOf(header, { fullUrl: `${s}Task/1` })).focus).toEqual([]);
  });

  it.each([
    ['no entries', { resourceType: 'Bundle' }],
    ['entries that are no array', { resourceType: 'Bundle', entry: { fullUrl: 'x' } }],
    ['an array', []],
    ['null', null],
    ['text', 'text'],
  ])('reads %s as a Bundle without entries', (_what, value) => {
    const graph = graphOf(value as BundleLike);

    expect([graph.size, graph.entries, graph.focus, graph.unresolved(), [...graph.closure()]]).toEqual([0, [], [], [], []]);
    expect(graph.bundle.entry ?? []).toEqual([]);
  });

  it('takes entries that are no objects for empty ones', () => {
    const graph = graphOf({ resourceType: 'Bundle', entry: [null, 5, 'x', [], { resource: null }, { resource: [] }] } as unknown as BundleLike);

    expect(graph.entries.map(({ key, resource }) => [key, resource])).toEqual([0, 1, 2, 3, 4, 5].map((at) => [`Bundle.entry[${at}]`, undefined]));
    expect(graph.all('Patient')).toEqual([]);
  });
});

describe('keys', () => {
  const shared = `${s}Patient/1`;
  const graph = graphOf(
    bundleOf(
      { resource: { resourceType: 'Basic', id: 'none' } },
      { fullUrl: shared, resource: { resourceType: 'Patient', meta: { versionId: '1' } } },
      { fullUrl: shared, resource: { resourceType: 'Patient', meta: { versionId: '2' } } },
      { fullUrl: '', resource: { resourceType: 'Basic', id: 'empty' } },
      { fullUrl: 'Bundle.entry[0]', resource: { resourceType: 'Basic', id: 'posing' } },
    ),
  );

  it('are positions where a fullUrl is missing, empty or not unique (bdl-7)', () => {
    expect(graph.entries.map(({ key }) => key)).toEqual(['Bundle.entry[0]', 'Bundle.entry[1]', 'Bundle.entry[2]', 'Bundle.entry[3]', 'Bundle.entry[4]']);
  });

  it('name one entry each, even where a fullUrl poses as a key', () => {
    expect(graph.entries.map(({ key }) => graph.get(key))).toEqual(graph.entries.map(({ resource }) => resource));
    expect(graph.get('Bundle.entry[0]')?.id).toBe('none');
  });

  it.each(['Bundle.entry[5]', 'Bundle.entry[01]', 'Bundle.entry[-1]', 'Bundle.entry[1e0]', 'Bundle.entry[99999999999999999999]', 'Bundle.entry[0].resource', shared])(
    'do not reach an entry as %s',
    (name) => {
      expect(graph.get(name)).toBeUndefined();
      expect(graph.linksFrom(name)).toEqual([]);
      expect(graph.linksTo(name)).toEqual([]);
    },
  );

  it('are no positions where there is a fullUrl', () => {
    expect(graphOf(source).get('Bundle.entry[1]')).toBeUndefined();
  });
});

describe('get', () => {
  const graph = graphOf(source);

  it('takes an exact fullUrl', () => {
    expect(graph.get(`${s}Task/1`)?.id).toBe('1');
    expect(graph.get('urn:uuid:prov')?.id).toBe('prov');
  });

  it('takes Type/id where one entry of that type ends so', () => {
    expect(graph.get('Task/1')?.id).toBe('1');
    expect(graph.get('Task/2')?.owner).toEqual({ identifier: { value: 'n' } });
  });

  it.each(['Patient/1', 'Provenance/prov', 'Task/', 'Task', '', '/1', 'Task/1/_history/1', `${s}Task/3`, '__proto__', 'constructor', 'toString/valueOf'])(
    'gives nothing for %j',
    (name) => {
      expect(graph.get(name)).toBeUndefined();
    },
  );

  it('does not choose between two servers', () => {
    const two = graphOf(bundleOf({ fullUrl: 'https://a/Task/1', resource: { resourceType: 'Task' } }, { fullUrl: 'https://b/Task/1', resource: { resourceType: 'Task' } }));

    expect(two.get('Task/1')).toBeUndefined();
    expect(two.get('https://b/Task/1')).toBe(two.entries[1]?.resource);
  });

  it('never takes a resource of another type for what its fullUrl says', () => {
    const odd = graphOf(bundleOf({ fullUrl: `${s}Patient/1`, resource: { resourceType: 'Practitioner', id: '1' } }));

    expect(odd.get('Patient/1')).toBeUndefined();
    expect(odd.get('Practitioner/1')).toBeUndefined();
    expect(odd.get(`${s}Patient/1`)?.resourceType).toBe('Practitioner');
  });
});

describe('all', () => {
  it('gives the resources of a type in the order of the entries, always the same array', () => {
    const graph = graphOf(source);

    expect(graph.all('Task').map(({ id }) => id)).toEqual(['1', '2']);
    expect(graph.all('Task')).toBe(graph.all('Task'));
    expect(graph.all('Task')[0]).toBe(graph.get('Task/1'));
    expect(graph.all('Coverage')).toEqual([]);
  });
});

describe('linksFrom and linksTo', () => {
  const graph = graphOf(source);

  it('tell the references of an entry, and where each leads', () => {
    expect(graph.linksFrom('Task/2')).toEqual([
      { from: `${s}Task/2`, path: 'Task.for', reference: 'Patient/p', target: `${s}Patient/p`, kind: 'entry', reason: 'restful-base', lenient: false },
      { from: `${s}Task/2`, path: 'Task.owner', reference: undefined, target: undefined, kind: 'external', reason: 'identifier-only', lenient: false },
    ]);
  });

  it('tell the references to an entry, in the order of the entries that hold them', () => {
    expect(graph.linksTo('Task/1').map(({ from, path }) => `${from} ${path}`)).toEqual([`${s}MessageHeader/h MessageHeader.focus[1]`, 'urn:uuid:prov Provenance.target[0]']);
    expect(graph.linksTo(`${s}Patient/p`).map(({ from }) => from)).toEqual([`${s}Task/1`, `${s}Task/2`]);
  });

  it('take the names that get takes, and so does from', () => {
    const relative = { reference: 'Patient/p' };

    expect(graph.linksFrom(`${s}Task/2`)).toBe(graph.linksFrom('Task/2'));
    expect(graph.linksTo('Patient/p')).toEqual(graph.linksTo(`${s}Patient/p`));
    expect(graph.resolve(relative, { from: 'Task/2' })).toEqual(graph.resolve(relative, { from: `${s}Task/2` }));
  });

  it('are the same links from both ends', () => {
    const out = graph.entries.flatMap(({ key }) => graph.linksFrom(key)).filter(({ target }) => target !== undefined);
    const into = graph.entries.flatMap(({ key }) => graph.linksTo(key));

    expect(new Set(into)).toEqual(new Set(out));
    expect(into.every((link) => out.includes(link))).toBe(true);
  });

  it('are none where there is no entry or no reference', () => {
    expect([graph.linksFrom('Task/9'), graph.linksTo('Task/9'), graph.linksFrom('urn:uuid:lone'), graph.linksTo('urn:uuid:lone')]).toEqual([[], [], [], []]);
  });
});

describe('unresolved', () => {
  it('tells every reference that leads to nothing in the Bundle, with its reason', () => {
    expect(graphOf(source).unresolved()).toEqual([
      { from: `${s}MessageHeader/h`, path: 'MessageHeader.focus[2]', reference: 'Task/9', kind: 'external', reason: 'outside-bundle' },
      { from: `${s}MessageHeader/h`, path: 'MessageHeader.focus[3]', reference: '#c', kind: 'unresolved', reason: 'not-contained' },
      { from: `${s}Task/2`, path: 'Task.owner', reference: undefined, kind: 'external', reason: 'identifier-only' },
    ]);
  });
});

describe('closure', () => {
  it('is what the header reaches along references, itself included', () => {
    expect([...graphOf(source).closure()]).toEqual([`${s}MessageHeader/h`, `${s}Task/2`, `${s}Task/1`, `${s}Patient/p`]);
  });

  it('takes in what points at a reached entry, when asked for the reverse', () => {
    expect([...graphOf(source).closure({ reverse: true })].sort()).toEqual([`${s}MessageHeader/h`, `${s}Patient/p`, `${s}Task/1`, `${s}Task/2`, 'urn:uuid:prov'].sort());
  });

  it('goes round in a ring once', () => {
    const ring = graphOf(
      bundleOf({ fullUrl: 'urn:uuid:a', resource: { resourceType: 'MessageHeader', focus: [{ reference: 'urn:uuid:b' }] } }, { fullUrl: 'urn:uuid:b', resource: { resourceType: 'Task', partOf: [{ reference: 'urn:uuid:b' }], focus: { reference: 'urn:uuid:a' } } }),
    );

    expect([...ring.closure()]).toEqual(['urn:uuid:a', 'urn:uuid:b']);
    expect([...ring.closure({ reverse: true })]).toEqual(['urn:uuid:a', 'urn:uuid:b']);
  });

  it('is the same set ever after, and refuses to change', () => {
    const graph = graphOf(source);
    const closure = graph.closure();

    expect(graph.closure({ reverse: false })).toBe(closure);
    expect(() => (closure as Set<string>).add('x')).toThrow(TypeError);
    expect(() => (closure as Set<string>).delete(`${s}Task/1`)).toThrow(TypeError);
    expect(() => (closure as Set<string>).clear()).toThrow(TypeError);
    expect(closure).toEqual(new Set([`${s}MessageHeader/h`, `${s}Task/2`, `${s}Task/1`, `${s}Patient/p`]));
  });

  it('equals a plain Set of the same keys, as node:assert reads it', () => {
    const plain = new Set([`${s}MessageHeader/h`, `${s}Task/2`, `${s}Task/1`, `${s}Patient/p`]);

    assert.deepStrictEqual(graphOf(source).closure(), plain);
    assert.notDeepStrictEqual(graphOf(source).closure(), plain.add('x'));
  });
});

describe('what is handed out', () => {
  it('is frozen, at any depth', () => {
    const graph = graphOf(source);
    const outcomes = ['Task/1', '#', '#x', 'https://elsewhere/Task/1', 'urn:uuid:none', {}, { identifier: {} }].map((reference) => graph.resolve(reference, { from: `${s}Task/2` }));
    const links = graph.entries.flatMap(({ key }) => [graph.linksFrom(key), graph.linksTo(key)]);

    expect([graph.bundle, graph.entries, graph.header, graph.focus, graph.all('Task'), graph.get('Task/1'), graph.unresolved(), ...outcomes, ...links].flatMap((value) => unfrozenIn(value))).toEqual([]);
    expect(Object.isFrozen(graph)).toBe(true);
  });

  it('is frozen where several entries match too', () => {
    const twice = { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task' } };

    expect(unfrozenIn(graphOf(bundleOf(twice, twice)).resolve(`${s}Task/1`))).toEqual([]);
  });

  it('is the same object ever after', () => {
    const graph = graphOf(source);
    const reads = (): unknown[] => [
      graph.bundle,
      graph.entries,
      graph.entries[1]?.resource,
      graph.header,
      graph.focus,
      graph.all('Task'),
      graph.get('Task/1'),
      graph.linksFrom('Task/1'),
      graph.linksTo('Task/1'),
      graph.unresolved(),
      graph.closure(),
      graph.closure({ reverse: true }),
    ];

    const first = reads();

    reads().forEach((value, index) => expect(value).toBe(first[index]));
  });

  it('is one resource wherever it is read', () => {
    const graph = graphOf(source);

    graph.bundle.entry?.forEach(({ resource }, index) => {
      expect(resource).toBe(graph.entries[index]?.resource);
      expect(resource).toBe(graph.get(graph.entries[index]?.key ?? ''));
    });
    expect(graph.header).toBe(graph.bundle.entry?.[0]?.resource);
  });

  it('equals the Bundle, its members in their order', () => {
    const whole = { id: 'b', resourceType: 'Bundle' as const, meta: { tag: [{ code: 'x' }] }, entry: source.entry, type: 'message', signature: { data: 'x' } };

    expect(JSON.stringify(graphOf(whole).bundle)).toBe(JSON.stringify(whole));
  });

  it('is the Bundle, where a graph is written as JSON', () => {
    const graph = graphOf(source);

    expect(JSON.stringify({ graph })).toBe(JSON.stringify({ graph: source }));
    expect(graph.toJSON()).toBe(graph.bundle);
  });

  it('keeps members that are named like parts of the language', () => {
    const text = '{"resourceType":"Bundle","__proto__":{"a":1},"constructor":"c","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic","__proto__":{"b":[1]},"toString":"t"}}]}';

    const { bundle } = graphOf(JSON.parse(text) as BundleLike);

    expect(JSON.stringify(bundle)).toBe(text);
    expect(Object.getPrototypeOf(bundle)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(bundle.entry?.[0]?.resource)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('b');
  });

  it('leaves out members that are undefined, which JSON has not', () => {
    const graph = graphOf({ resourceType: 'Bundle', id: undefined, entry: [{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic', language: undefined } }] });

    expect(Object.keys(graph.get('urn:uuid:1') ?? {})).toEqual(['resourceType']);
  });
});

describe('what is borrowed', () => {
  it('is neither changed nor frozen', () => {
    const own = structuredClone(source);
    const graph = graphOf(own);

    expect([graph.bundle, graph.entries, graph.focus, graph.unresolved(), graph.closure({ reverse: true })].every((read) => Object.isFrozen(read))).toBe(true);

    expect(own).toEqual(source);
    expect(Object.isFrozen(own) || own.entry?.some((entry) => Object.isFrozen(entry) || Object.isFrozen(entry.resource))).toBe(false);
  });

  it('may change after it was read: what was handed out stays', () => {
    const own = structuredClone(source);
    const graph = graphOf(own);
    const before = JSON.stringify(graph.bundle);

    own.entry?.forEach(({ resource }) => Object.assign(resource ?? {}, { resourceType: 'Changed', for: { reference: 'urn:uuid:lone' } }));

    expect(JSON.stringify(graph.bundle)).toBe(before);
    expect(graph.get('Task/1')?.for).toEqual({ reference: 'Patient/p' });
    expect(graph.all('Task')).toHaveLength(2);
  });

  it('may change at once where a snapshot was asked for', () => {
    const own = structuredClone(source);
    const graph = graphOf(own, { snapshot: true });

    own.entry?.forEach(({ resource }) => Object.assign(resource ?? {}, { resourceType: 'Changed' }));

    expect(graph.bundle).toEqual(source);
    expect(graph.all('Task')).toHaveLength(2);
    expect(Object.isFrozen(own)).toBe(false);
  });

  it('is not read where nobody asks: a fault deep in one resource leaves the others readable (input.limit)', () => {
    let deep: unknown = {};
    for (let level = 0; level < 5_000; level += 1) deep = { extension: [deep] };
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:ok', resource: { resourceType: 'Basic' } }, { fullUrl: 'urn:uuid:deep', resource: { resourceType: 'Basic', deep } }));

    expect(graph.get('urn:uuid:ok')).toEqual({ resourceType: 'Basic' });
    expect(graph.linksFrom('urn:uuid:ok')).toEqual([]);
    expect(graph.size).toBe(2);
    expect([() => graph.get('urn:uuid:deep'), () => graph.linksFrom('urn:uuid:deep'), () => graph.unresolved(), () => graph.bundle].map(codeOf)).toEqual(Array(4).fill('input.limit'));
    expect(codeOf(() => graphOf(bundleOf({ resource: { resourceType: 'Basic', deep } }), { snapshot: true }))).toBe('input.limit');
  });
});

describe('isGraph and stateOf', () => {
  it('know graphs of this copy of the package alone', () => {
    expect(isGraph(graphOf(source))).toBe(true);
    expect([null, undefined, {}, 'x', source].some(isGraph)).toBe(false);
    expect(() => stateOf({})).toThrow(new TypeError('This is no graph of this copy of @fhir-messaging/core: make one with graphOf.'));
  });
});

describe('newFullUrl', () => {
  it('is a fresh urn:uuid each time (bundle.html#bundle-unique)', () => {
    const made = Array.from({ length: 100 }, newFullUrl);

    expect(made.every((fullUrl) => /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(fullUrl))).toBe(true);
    expect(new Set(made).size).toBe(100);
  });
});
