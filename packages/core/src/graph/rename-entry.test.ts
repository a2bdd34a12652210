import { describe, expect, it } from 'vitest';
import type { BundleLike } from '../fhir/bundle.ts';
import type { Issue } from '../fhir/issue.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { graphOf } from './graph-of.ts';
import { renameEntries, renameEntry } from './rename-entry.ts';
import { codeOf } from '../../test/code-of.ts';
import { bundleOf } from '../../test/bundle-of.ts';
import type { AnyResource } from '../../test/bundle-of.ts';

const a = 'https://a.example/fhir/';
const b = 'https://b.example/fhir/';
const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const other = 'urn:uuid:22222222-2222-4222-8222-222222222222';

/** The literals of one entry, by path without the type. */
function literalsIn(graph: BundleGraph, key: string): Record<string, string | undefined> {
  return Object.fromEntries(graph.linksFrom(key).map(({ path, reference }) => [path.slice(path.indexOf('.') + 1), reference]));
}

/** A holder with every kind of reference to Patient/1 on server a, and one to somebody else. */
const holder = {
  resourceType: 'ServiceRequest',
  id: 's',
  subject: { reference: 'Patient/1', display: 'kept' },
  requester: { reference: `${a}Patient/1` },
  performer: [{ reference: 'Patient/1/_history/3' }, { reference: `${a}Patient/1/_history/3` }, { reference: 'Patient/2' }],
  extension: [{ url: 'u', valueReference: { reference: 'Patient/1', identifier: { value: 'x', assigner: { reference: 'Patient/1' } } } }],
  contained: [{ resourceType: 'Task', id: 't', for: { reference: 'Patient/1' } }],
  encounter: { identifier: { value: 'only' } },
};

function world(): BundleLike<AnyResource> {
  return bundleOf(
    { fullUrl: `${a}MessageHeader/h`, resource: { resourceType: 'MessageHeader', focus: [{ reference: 'Patient/1' }, { reference: 'ServiceRequest/s' }] } },
    { fullUrl: `${a}ServiceRequest/s`, resource: holder },
    { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' }, name: [{ text: 'n' }] } },
    { fullUrl: `${a}Patient/2`, resource: { resourceType: 'Patient', id: '2' } },
    { fullUrl: 'urn:uuid:prov', resource: { resourceType: 'Provenance', target: [{ reference: `${a}Patient/1` }] } },
  );
}

describe('renameEntry, what refers to the entry', () => {
  it('follows to another id on the same server: relative stays relative, absolute absolute, a version a version', () => {
    const graph = renameEntry(graphOf(world()), 'Patient/1', `${a}Patient/9`);

    expect(literalsIn(graph, 'ServiceRequest/s')).toEqual({
      subject: 'Patient/9',
      requester: `${a}Patient/9`,
      'performer[0]': 'Patient/9/_history/3',
      'performer[1]': `${a}Patient/9/_history/3`,
      'performer[2]': 'Patient/2',
      'extension[0].valueReference': 'Patient/9',
      'extension[0].valueReference.identifier.assigner': 'Patient/9',
      'contained[0].for': 'Patient/9',
      encounter: undefined,
    });
    expect(literalsIn(graph, 'MessageHeader/h')).toEqual({ 'focus[0]': 'Patient/9', 'focus[1]': 'ServiceRequest/s' });
    expect(literalsIn(graph, 'urn:uuid:prov')).toEqual({ 'target[0]': `${a}Patient/9` });
  });

  it('follows to another server: all absolute, since nobody there is its neighbour', () => {
    const graph = renameEntry(graphOf(world()), 'Patient/1', `${b}Patient/1`);

    expect(literalsIn(graph, 'ServiceRequest/s')).toEqual({
      subject: `${b}Patient/1`,
      requester: `${b}Patient/1`,
      'performer[0]': `${b}Patient/1/_history/3`,
      'performer[1]': `${b}Patient/1/_history/3`,
      'performer[2]': 'Patient/2',
      'extension[0].valueReference': `${b}Patient/1`,
      'extension[0].valueReference.identifier.assigner': `${b}Patient/1`,
      'contained[0].for': `${b}Patient/1`,
      encounter: undefined,
    });
  });

  it('follows to a urn, except where a version is named: that is reported, means its server still, and is unresolved', () => {
    const issues: Issue[] = [];

    const graph = renameEntry(graphOf(world()), 'Patient/1', urn, { report: (issue) => issues.push(issue) });

    expect(literalsIn(graph, 'ServiceRequest/s')).toMatchObject({
      subject: urn,
      requester: urn,
      'performer[0]': `${a}Patient/1/_history/3`,
      'performer[1]': `${a}Patient/1/_history/3`,
      'extension[0].valueReference.identifier.assigner': urn,
    });
    expect(graph.unresolved().map(({ path }) => path)).toEqual(['ServiceRequest.performer[0]', 'ServiceRequest.performer[1]', 'ServiceRequest.encounter']);
    expect(issues.map(({ severity, code, rule, expression }) => [severity, code, rule, expression])).toEqual([
      ['warning', 'not-supported', 'reference.version', ['Bundle.entry[1].resource.performer[0]']],
      ['warning', 'not-supported', 'reference.version', ['Bundle.entry[1].resource.performer[1]']],
    ]);
  });

  it('reports nothing where every reference followed', () => {
    const issues: Issue[] = [];

    renameEntry(graphOf(world()), 'Patient/1', `${b}Patient/1`, { report: (issue) => issues.push(issue) });

    expect(issues).toEqual([]);
  });

  it('needs nobody to report to', () => {
    expect(renameEntry(graphOf(world()), 'Patient/1', urn).get(urn)?.resourceType).toBe('Patient');
  });

  it('follows from a urn to what a server assigned: absolute, where the holder is on no server', () => {
    const graph = renameEntry(
      graphOf(bundleOf({ fullUrl: urn, resource: { resourceType: 'Patient' } }, { fullUrl: other, resource: { resourceType: 'Task', for: { reference: urn } } })),
      urn,
      `${a}Patient/7`,
    );

    expect(literalsIn(graph, other)).toEqual({ for: `${a}Patient/7` });
    expect(graph.get('Patient/7')?.id).toBe('7');
  });

  it('follows from one urn to another', () => {
    const graph = renameEntry(
      graphOf(bundleOf({ fullUrl: urn, resource: { resourceType: 'Patient', id: 'kept' } }, { fullUrl: `${a}Task/1`, resource: { resourceType: 'Task', for: { reference: urn } } })),
      urn,
      other,
    );

    expect(literalsIn(graph, 'Task/1')).toEqual({ for: other });
    expect(graph.get(other)?.id).toBe('kept');
  });

  it('follows what was found leniently, to the very fullUrl', () => {
    const graph = renameEntry(
      graphOf(bundleOf({ fullUrl: urn, resource: { resourceType: 'Task', for: { reference: 'Patient/1' } } }, { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient' } }), { mode: 'lenient' }),
      'Patient/1',
      `${b}Patient/2`,
    );

    expect(literalsIn(graph, urn)).toEqual({ for: `${b}Patient/2` });
  });

  it('keeps everything beside the literal, and every resource that does not refer to the entry', () => {
    const before = graphOf(world());

    const after = renameEntry(before, 'Patient/1', `${b}Patient/1`);

    expect(after.get('ServiceRequest/s')?.subject).toEqual({ reference: `${b}Patient/1`, display: 'kept' });
    expect(after.entries.map((entry, at) => entry === before.entries[at])).toEqual([false, false, false, true, false]);
    expect(after.get('ServiceRequest/s')?.encounter).toBe(before.get('ServiceRequest/s')?.encounter);
  });

  it('leads what names a version to no other entry, read leniently too: another of that type, id and version is another record', () => {
    const graph = graphOf(
      bundleOf(
        { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
        { fullUrl: other, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
        { fullUrl: `${a}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/1/_history/3' } } },
      ),
      { mode: 'lenient' },
    );

    const after = renameEntry(graph, `${a}Patient/1`, urn);

    expect(graph.linksFrom('Task/1').map(({ target }) => target)).toEqual([`${a}Patient/1`]);
    expect(after.linksFrom('Task/1').map(({ target, kind }) => [target, kind])).toEqual([[undefined, 'external']]);
  });

  it.each(['strict', 'lenient'] as const)("takes no other server's record for an entry that is on none any more, nor leaves it to a lenient reader (%s)", (mode) => {
    const task = { resourceType: 'Task', for: { reference: 'Patient/1' }, owner: { reference: 'Patient/1/_history/3' }, focus: { reference: 'Patient/2' } };
    const graph = graphOf(bundleOf({ fullUrl: `${b}Task/1`, resource: task }, { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } }), { mode });

    const after = renameEntry(graph, `${a}Patient/1`, urn);

    expect(literalsIn(after, 'Task/1')).toEqual({ for: `${b}Patient/1`, owner: `${b}Patient/1/_history/3`, focus: 'Patient/2' });
    expect(after.linksFrom('Task/1').map(({ kind }) => kind)).toEqual(graph.linksFrom('Task/1').map(({ kind }) => kind));
    expect(literalsIn(renameEntry(graph, `${a}Patient/1`, `${a}Patient/3`), 'Task/1')).toEqual({ for: 'Patient/1', owner: 'Patient/1/_history/3', focus: 'Patient/2' });
  });

  it("takes no other server's record for an entry whose fullUrl said another Type/id than its id", () => {
    const named = { fullUrl: 'Patient/1', resource: { resourceType: 'Patient', id: '2' } };
    const after = renameEntry(graphOf(bundleOf({ fullUrl: `${a}Task/t`, resource: { resourceType: 'Task', for: { reference: 'Patient/2' } } }, named), { mode: 'lenient' }), 'Patient/1', urn);

    expect(after.linksFrom(`${a}Task/t`)).toMatchObject([{ reference: `${a}Patient/2`, target: undefined }]);
  });

  it.each([
    ['one that leaves its server', `${a}Task/t`, `${b}Task/t`],
    ['one that was on none', 'urn:uuid:task', `${b}Task/t`],
  ])('has no relative reference mean a record of the new server, where its entry and the one found leniently are renamed in one step (%s)', (_holder, from, to) => {
    const task = { resourceType: 'Task', for: { reference: 'Patient/1/_history/3' }, focus: { reference: 'Patient/1' } };
    const bundle = bundleOf({ fullUrl: from, resource: task }, { fullUrl: other, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } });
    const after = renameEntries(graphOf(bundle, { mode: 'lenient' }), [
      { from, to },
      { from: other, to: urn },
    ]);

    expect(after.get(to)).toMatchObject({ for: { reference: urn }, focus: { reference: urn } });
    const asOther = renameEntries(graphOf(bundle, { mode: 'lenient' }), [
      { from, to },
      { from: other, to: urn, id: '2' },
    ]);
    expect(asOther.get(to)).toMatchObject({ for: { reference: urn }, focus: { reference: urn } });
    expect(renameEntry(graphOf(bundle, { mode: 'lenient' }), from, to).get(to)).toMatchObject({ for: { reference: other }, focus: { reference: other } });
  });

  it('leaves alone what was found by its id, read leniently, and still is', () => {
    const bundle = bundleOf(
      { fullUrl: other, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
      { fullUrl: `${a}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/1/_history/3' } } },
    );
    const issues: Issue[] = [];

    const after = renameEntry(graphOf(bundle, { mode: 'lenient' }), other, urn, { report: (issue) => issues.push(issue) });

    expect(literalsIn(after, 'Task/1')).toEqual({ for: 'Patient/1/_history/3' });
    expect(after.linksFrom('Task/1').map(({ target }) => target)).toEqual([urn]);
    expect(issues).toEqual([]);
  });

  it('leaves every other reference where it led', () => {
    const before = graphOf(world());

    const after = renameEntry(before, 'Patient/1', `${b}Patient/1`);

    const target = (key: string | undefined): string | undefined => (key === `${a}Patient/1` ? `${b}Patient/1` : key);
    expect(after.entries.flatMap(({ key }) => after.linksFrom(key).map((link) => link.target))).toEqual(
      before.entries.flatMap(({ key }) => before.linksFrom(key).map((link) => target(link.target))),
    );
  });
});

describe('renameEntry, what the entry refers to', () => {
  const own = bundleOf(
    {
      fullUrl: `${a}Task/1`,
      resource: {
        resourceType: 'Task',
        id: '1',
        meta: { versionId: '5' },
        for: { reference: 'Patient/1' },
        owner: { reference: 'Practitioner/outside' },
        basedOn: [{ reference: 'Patient/1/_history/3' }, { reference: 'Patient/1/_history/4' }],
        focus: { reference: '#c' },
        requester: { reference: `${b}Patient/1` },
        location: { reference: 'Location?name=x' },
        contained: [{ resourceType: 'Basic', id: 'c', subject: { reference: 'Patient/1' } }],
      },
    },
    { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
    { fullUrl: `${b}Patient/1`, resource: { resourceType: 'Patient', id: '1' } },
  );

  it.each([
    ['a urn', urn],
    ['another server', `${b}Task/1`],
  ])('keeps leading where it led when its base goes: %s', (_what, to) => {
    const before = graphOf(own);

    const after = renameEntry(before, 'Task/1', to);

    expect(literalsIn(after, to)).toEqual({
      for: `${a}Patient/1`,
      owner: `${a}Practitioner/outside`,
      'basedOn[0]': `${a}Patient/1/_history/3`,
      'basedOn[1]': `${a}Patient/1/_history/4`,
      focus: '#c',
      requester: `${b}Patient/1`,
      location: 'Location?name=x',
      'contained[0].subject': `${a}Patient/1`,
    });
    expect(after.linksFrom(to).map(({ target }) => target)).toEqual(before.linksFrom('Task/1').map(({ target }) => target));
  });

  it('stays relative on the same server', () => {
    const before = graphOf(own);

    const after = renameEntry(before, 'Task/1', `${a}Task/2`);

    expect(Object.values(literalsIn(after, 'Task/2'))).toEqual(Object.values(literalsIn(before, 'Task/1')));
    expect(after.get('Task/2')?.for).toBe(before.get('Task/1')?.for);
  });

  it('stays relative where it had no base', () => {
    const after = renameEntry(graphOf(bundleOf({ fullUrl: urn, resource: { resourceType: 'Task', for: { reference: 'Patient/1' } } })), urn, `${a}Task/1`);

    expect(literalsIn(after, 'Task/1')).toEqual({ for: 'Patient/1' });
  });

  it('keeps what was found leniently, by naming it in full', () => {
    const graph = graphOf(
      bundleOf(
        { fullUrl: urn, resource: { resourceType: 'Task', for: { reference: 'Patient/1' }, owner: { reference: 'Patient/3/_history/2' }, focus: { reference: 'Patient/u' }, partOf: [{ reference: 'Device/d' }] } },
        { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient' } },
        { fullUrl: `${a}Patient/3`, resource: { resourceType: 'Patient', meta: { versionId: '1' } } },
        { fullUrl: `${a}Patient/3`, resource: { resourceType: 'Patient', meta: { versionId: '2' } } },
        { fullUrl: other, resource: { resourceType: 'Patient', id: 'u' } },
        { resource: { resourceType: 'Device', id: 'd' } },
      ),
      { mode: 'lenient' },
    );

    const after = renameEntry(graph, urn, `${b}Task/1`);

    expect(literalsIn(after, 'Task/1')).toEqual({ for: `${a}Patient/1`, owner: `${a}Patient/3/_history/2`, focus: other, 'partOf[0]': 'Device/d' });
    expect(after.linksFrom('Task/1').map(({ target }) => target)).toEqual(graph.linksFrom(urn).map(({ target }) => target));
  });
});

describe('renameEntry, what refers to itself', () => {
  const self = graphOf(
    bundleOf({
      fullUrl: `${a}Task/1`,
      resource: {
        resourceType: 'Task',
        id: '1',
        meta: { versionId: '2' },
        partOf: [{ reference: 'Task/1' }, { reference: `${a}Task/1` }, { reference: 'Task/1/_history/2' }, { reference: `${a}Task/1/_history/2` }, { reference: '#' }],
      },
    }),
  );

  it.each([
    ['another id', `${a}Task/9`, ['Task/9', `${a}Task/9`, 'Task/9/_history/2', `${a}Task/9/_history/2`, '#']],
    ['another server', `${b}Task/1`, ['Task/1', `${b}Task/1`, 'Task/1/_history/2', `${b}Task/1/_history/2`, '#']],
  ])('keeps referring to itself under %s', (_what, to, literals) => {
    const graph = renameEntry(self, 'Task/1', to);

    expect(Object.values(literalsIn(graph, to))).toEqual(literals);
    expect(graph.linksFrom(to).map(({ target }) => target)).toEqual([to, to, to, to, undefined]);
  });

  it('keeps referring to itself under a urn, and reports the versions', () => {
    const issues: Issue[] = [];

    const graph = renameEntry(self, 'Task/1', urn, { report: (issue) => issues.push(issue) });

    expect(Object.values(literalsIn(graph, urn))).toEqual([urn, urn, `${a}Task/1/_history/2`, `${a}Task/1/_history/2`, '#']);
    expect(issues.map(({ expression }) => expression?.[0])).toEqual(['Bundle.entry[0].resource.partOf[2]', 'Bundle.entry[0].resource.partOf[3]']);
    expect(graph.unresolved()).toHaveLength(2);
  });
});

describe('renameEntry, the entry itself', () => {
  it('lets the id follow a RESTful fullUrl (Bundle.entry.fullUrl)', () => {
    const graph = renameEntry(graphOf(world()), 'Patient/1', `${b}Patient/xyz`);

    expect(graph.get('Patient/xyz')).toEqual({ resourceType: 'Patient', id: 'xyz', meta: { versionId: '3' }, name: [{ text: 'n' }] });
    expect(graph.get('Patient/1')).toBeUndefined();
  });

  it.each([urn, 'https://a.example/records/9'])('leaves the id under %s', (to) => {
    expect(renameEntry(graphOf(world()), 'Patient/1', to).get(to)?.id).toBe('1');
  });

  it('keeps its place and its other members', () => {
    const graph = graphOf({ resourceType: 'Bundle', entry: [{ fullUrl: urn, link: [{ relation: 'x' }], resource: { resourceType: 'Basic', code: {} } }, { fullUrl: other }] });

    expect(renameEntry(graph, urn, 'urn:uuid:new').bundle.entry).toEqual([{ fullUrl: 'urn:uuid:new', link: [{ relation: 'x' }], resource: { resourceType: 'Basic', code: {} } }, { fullUrl: other }]);
  });

  it('names an entry that had no fullUrl, and what was found leniently follows', () => {
    const graph = graphOf(bundleOf({ resource: { resourceType: 'Device', id: 'd' } }, { fullUrl: urn, resource: { resourceType: 'Task', focus: { reference: 'Device/d' } } }), { mode: 'lenient' });

    const after = renameEntry(graph, 'Bundle.entry[0]', other);

    expect(after.entries.map(({ key }) => key)).toEqual([other, urn]);
    expect(literalsIn(after, urn)).toEqual({ focus: other });
  });

  it('names one of several entries with one fullUrl, and what names its version follows (bdl-7)', () => {
    const graph = graphOf(
      bundleOf(
        { fullUrl: `${a}Basic/1`, resource: { resourceType: 'Basic', id: '1', meta: { versionId: '1' } } },
        { fullUrl: `${a}Basic/1`, resource: { resourceType: 'Basic', id: '1', meta: { versionId: '2' } } },
        { fullUrl: `${a}Task/1`, resource: { resourceType: 'Task', input: [{ valueReference: { reference: 'Basic/1/_history/1' } }, { valueReference: { reference: 'Basic/1/_history/2' } }] } },
      ),
    );

    const after = renameEntry(graph, 'Bundle.entry[1]', `${a}Basic/2`);

    expect(after.entries.map(({ key }) => key)).toEqual([`${a}Basic/1`, `${a}Basic/2`, `${a}Task/1`]);
    expect(Object.values(literalsIn(after, 'Task/1'))).toEqual(['Basic/1/_history/1', 'Basic/2/_history/2']);
    expect(after.unresolved()).toEqual([]);
  });

  it('makes up no resource for an entry that has none', () => {
    expect(renameEntry(graphOf(bundleOf({ fullUrl: urn })), urn, other).bundle.entry).toEqual([{ fullUrl: other }]);
  });

  it('gives the same graph where the name is the same', () => {
    const graph = graphOf(world());

    expect(renameEntry(graph, 'Patient/1', `${a}Patient/1`)).toBe(graph);
  });

  it('comes back to an equal Bundle when it is renamed back', () => {
    const there = renameEntry(graphOf(world()), 'Patient/1', `${a}Patient/9`);

    expect(renameEntry(there, 'Patient/9', `${a}Patient/1`).bundle).toEqual(world());
  });

  it('leaves what was borrowed as it was, and the graph before as it was', () => {
    const given = world();
    const before = graphOf(given);

    renameEntry(before, 'Patient/1', `${b}Patient/1`);

    expect(given).toEqual(world());
    expect([given, given.entry?.[1]?.resource, given.entry?.[2]].some((part) => Object.isFrozen(part))).toBe(false);
    expect(before.bundle).toEqual(world());
  });

  it.each([
    ['nobody has', 'Patient/404', `${a}Patient/9`, 'entry.unknown'],
    ['is taken (bdl-7)', 'Patient/1', `${a}Patient/2`, 'entry.duplicate'],
    ['is relative', 'Patient/1', 'Patient/9', 'entry.invalid'],
    ['is empty', 'Patient/1', '', 'entry.invalid'],
    ['names a version (bdl-8)', 'Patient/1', `${a}Patient/1/_history/3`, 'entry.invalid'],
    ["is another type's", 'Patient/1', `${a}Practitioner/1`, 'entry.invalid'],
  ])('refuses a name that %s', (_what, from, to, code) => {
    expect(codeOf(() => renameEntry(graphOf(world()), from, to))).toBe(code);
  });

  it('refuses a RESTful name for what has no type (entry.invalid)', () => {
    expect(codeOf(() => renameEntry(graphOf(bundleOf({ fullUrl: urn })), urn, `${a}Patient/1`))).toBe('entry.invalid');
  });
});

describe('renameEntries', () => {
  const pair = graphOf(
    bundleOf(
      { fullUrl: urn, resource: { resourceType: 'ServiceRequest', subject: { reference: other }, basedOn: [{ reference: urn }] } },
      { fullUrl: other, resource: { resourceType: 'Patient', link: [{ other: { reference: urn } }] } },
    ),
  );

  it('renames several at once, and what they say of each other follows', () => {
    const graph = renameEntries(pair, [
      { from: urn, to: `${a}ServiceRequest/1` },
      { from: other, to: `${a}Patient/1` },
    ]);

    expect(literalsIn(graph, 'ServiceRequest/1')).toEqual({ subject: `${a}Patient/1`, 'basedOn[0]': `${a}ServiceRequest/1` });
    expect(literalsIn(graph, 'Patient/1')).toEqual({ 'link[0].other': `${a}ServiceRequest/1` });
    expect(graph.entries.map(({ resource }) => resource?.id)).toEqual(['1', '1']);
  });

  it('keeps neighbours relative that move together', () => {
    const here = graphOf(bundleOf({ fullUrl: `${a}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/1' } } }, { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient' } }));

    const there = renameEntries(here, [
      { from: 'Task/1', to: `${b}Task/1` },
      { from: 'Patient/1', to: `${b}Patient/2` },
    ]);
    const away = renameEntries(here, [
      { from: 'Task/1', to: urn },
      { from: 'Patient/1', to: `${b}Patient/2` },
    ]);

    expect(literalsIn(there, 'Task/1')).toEqual({ for: 'Patient/2' });
    expect(literalsIn(away, urn)).toEqual({ for: `${b}Patient/2` });
    expect([there.unresolved(), away.unresolved()]).toEqual([[], []]);
  });

  it('refuses one name for two entries (entry.duplicate, bdl-7)', () => {
    const two = graphOf(bundleOf({ fullUrl: urn, resource: { resourceType: 'Patient' } }, { fullUrl: other, resource: { resourceType: 'Patient' } }));

    expect(
      codeOf(() =>
        renameEntries(two, [
          { from: urn, to: `${a}Patient/1` },
          { from: other, to: `${a}Patient/1` },
        ]),
      ),
    ).toBe('entry.duplicate');
  });

  it('gives the same graph where nothing is renamed', () => {
    expect(renameEntries(pair, [])).toBe(pair);
    expect(renameEntries(pair, [{ from: urn, to: urn }])).toBe(pair);
  });
});
