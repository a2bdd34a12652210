import { describe, expect, it } from 'vitest';
import type { Reference } from '../fhir/resource.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import type { BundleGraph, Resolution } from './bundle-graph.ts';
import { graphOf } from './graph-of.ts';
import { bundleOf } from '../../test/bundle-of.ts';
import type { AnyResource } from '../../test/bundle-of.ts';

/** An outcome in one line: kind, reason, and where it leads. */
function told(outcome: Resolution): string {
  switch (outcome.kind) {
    case 'entry':
      return `entry ${outcome.reason} ${outcome.key}${outcome.lenient ? ' leniently' : ''}`;
    case 'contained':
      return `contained ${outcome.reason} ${outcome.path} in ${outcome.key}`;
    case 'external':
      return `external ${outcome.reason} ${outcome.url ?? 'without a URL'}`;
    case 'ambiguous':
      return `ambiguous ${outcome.reason} ${outcome.keys.join(', ')}`;
    case 'unresolved':
      return `unresolved ${outcome.reason}`;
  }
}

const a = 'https://a.example/fhir/';
const b = 'https://b.example/fhir/';
const urn = 'urn:uuid:5b1c4a1e-1111-4d5c-9a53-0f3f0d0f0f0f';

const world = graphOf(
  bundleOf(
    { fullUrl: `${a}MessageHeader/1`, resource: { resourceType: 'MessageHeader', id: '1' } },
    { fullUrl: `${a}Patient/1`, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
    { fullUrl: `${b}Patient/1`, resource: { resourceType: 'Patient', id: '1' } },
    { fullUrl: `${b}Organization/7`, resource: { resourceType: 'Organization', id: '7' } },
    { fullUrl: urn, resource: { resourceType: 'ServiceRequest', id: 'order', meta: { versionId: '1' } } },
    { fullUrl: 'urn:oid:1.2.840.99', resource: { resourceType: 'Location', id: 'here' } },
    { fullUrl: `${a}Practitioner/5`, resource: { resourceType: 'Practitioner', id: '900' } },
    { fullUrl: `${a}Coverage/9`, resource: { resourceType: 'Coverage', id: '9', meta: { versionId: '1' } } },
    { fullUrl: `${a}Coverage/9`, resource: { resourceType: 'Coverage', id: '9', meta: { versionId: '2' } } },
    { fullUrl: 'https://a.example/records/odd', resource: { resourceType: 'Basic', id: 'odd' } },
    { resource: { resourceType: 'Device', id: 'd1', meta: { versionId: '1' } } },
    { fullUrl: `${a}Goal/1` },
    { fullUrl: 'urn:uuid:empty' },
    { fullUrl: `${a}Claim/2`, resource: { resourceType: 'Claim', id: '2', meta: { versionId: '1' } } },
    { fullUrl: `${a}Claim/2`, resource: { resourceType: 'Claim', id: '2', meta: { versionId: '1' } } },
    { fullUrl: 'urn:uuid:group-a', resource: { resourceType: 'Group', id: 'twin' } },
    { fullUrl: 'urn:uuid:group-b', resource: { resourceType: 'Group', id: 'twin' } },
  ),
);

type Row = readonly [title: string, from: string | undefined, reference: string, outcome: string];

const strict: readonly Row[] = [
  // Rule 2: versions
  ['finds the version that a relative reference names (bundle.html#references 2)', `${a}MessageHeader/1`, 'Patient/1/_history/3', `entry version ${a}Patient/1`],
  ['finds the version that an absolute reference names (bundle.html#references 2)', urn, `${a}Patient/1/_history/3`, `entry version ${a}Patient/1`],
  ['finds the version of an entry with a urn (bundle.html#references 2)', undefined, `${urn}/_history/1`, `entry version ${urn}`],
  ['says where another version may be, relative (bundle.html#references 2, 5)', `${a}MessageHeader/1`, 'Patient/1/_history/2', `external version-mismatch ${a}Patient/1/_history/2`],
  ['says where another version may be, absolute (bundle.html#references 2, 5)', urn, `${a}Patient/1/_history/2`, `external version-mismatch ${a}Patient/1/_history/2`],
  ['leaves another version of what only the Bundle can have unresolved (bundle.html#references 2)', undefined, `${urn}/_history/2`, 'unresolved version-mismatch'],
  ['says where a version of a resource that says none may be (bundle.html#references 2, 5)', urn, `${b}Patient/1/_history/1`, `external version-mismatch ${b}Patient/1/_history/1`],
  ['takes no version for an empty one (bundle.html#references 2)', urn, `${a}Patient/1/_history/`, `external version-mismatch ${a}Patient/1/_history/`],
  ['tells the first of two versions in one bundle (bundle.html#references 2)', `${a}MessageHeader/1`, 'Coverage/9/_history/1', 'entry version Bundle.entry[7]'],
  ['tells the second of two versions in one bundle (bundle.html#references 2)', urn, `${a}Coverage/9/_history/2`, 'entry version Bundle.entry[8]'],
  ['finds none of two versions in one bundle (bundle.html#references 2, 5)', urn, `${a}Coverage/9/_history/3`, `external version-mismatch ${a}Coverage/9/_history/3`],
  ['says where a version of an absent resource may be (bundle.html#references 2, 5)', `${a}MessageHeader/1`, 'Patient/2/_history/4', `external outside-bundle ${a}Patient/2/_history/4`],

  // Rule 3: relative references
  ["makes a relative reference absolute with the holder's RESTful base (bundle.html#references 3)", `${a}MessageHeader/1`, 'Patient/1', `entry restful-base ${a}Patient/1`],
  ['gives each server its own record of the same Type/id (bundle.html#references 3)', `${b}Organization/7`, 'Patient/1', `entry restful-base ${b}Patient/1`],
  ["says where on the holder's server an absent target may be (bundle.html#references 3, 5)", `${a}MessageHeader/1`, 'Organization/7', `external outside-bundle ${a}Organization/7`],
  ['gives a relative reference in an entry with a urn no meaning (bundle.html#references 3)', urn, 'Patient/1', 'unresolved no-base'],
  ['gives a relative reference in an entry with an oid no meaning (bundle.html#references 3)', 'urn:oid:1.2.840.99', 'Patient/1', 'unresolved no-base'],
  ['gives a relative reference in an entry without a fullUrl no meaning (bundle.html#references 3)', 'Bundle.entry[10]', 'Patient/1', 'unresolved no-base'],
  ['gives a relative reference under a URL that is not RESTful no meaning (references.html#regex)', 'https://a.example/records/odd', 'Patient/1', 'unresolved no-base'],
  ['gives a relative reference without a holder no meaning (bundle.html#references 3)', undefined, 'Patient/1', 'unresolved no-base'],
  ['gives a relative reference of an unknown holder no meaning (bundle.html#references 3)', 'urn:uuid:nobody', 'Patient/1', 'unresolved no-base'],

  // Rule 4: absolute references
  ['matches an absolute URL with fullUrl (bundle.html#references 4)', urn, `${b}Organization/7`, `entry full-url ${b}Organization/7`],
  ['matches an absolute URL without a holder (bundle.html#references 4)', undefined, `${a}Patient/1`, `entry full-url ${a}Patient/1`],
  ['matches an absolute URL that is not RESTful (bundle.html#references 4)', undefined, 'https://a.example/records/odd', 'entry full-url https://a.example/records/odd'],
  ['matches a urn:uuid with fullUrl (bundle.html#references 4)', `${a}Patient/1`, urn, `entry full-url ${urn}`],
  ['matches a urn:oid with fullUrl (bundle.html#references 4)', urn, 'urn:oid:1.2.840.99', 'entry full-url urn:oid:1.2.840.99'],
  ['takes case as a difference (bundle.html#references 4)', undefined, urn.toUpperCase(), 'unresolved not-in-bundle'],
  ['takes http and https as different (bundle.html#references 4)', undefined, 'http://a.example/fhir/Patient/1', 'external outside-bundle http://a.example/fhir/Patient/1'],
  ['takes a slash at the end as a difference (bundle.html#references 4)', undefined, `${a}Patient/1/`, `external outside-bundle ${a}Patient/1/`],
  ['goes by the fullUrl where the id says another (bdl-7, Bundle.entry.fullUrl)', `${a}MessageHeader/1`, 'Practitioner/5', `entry restful-base ${a}Practitioner/5`],
  ['never goes by the id where the fullUrl says another (bundle.html#references 4)', `${a}MessageHeader/1`, 'Practitioner/900', `external outside-bundle ${a}Practitioner/900`],

  // Rule 5: nothing matches
  ['says that an absent http URL may exist elsewhere (bundle.html#references 5)', undefined, 'https://c.example/Patient/1', 'external outside-bundle https://c.example/Patient/1'],
  ['says that an absent URL may exist elsewhere, in whatever letters its scheme is (bundle.html#references 5)', undefined, 'HTTPS://c.example/Patient/1', 'external outside-bundle HTTPS://c.example/Patient/1'],
  ['says that an absent urn:uuid cannot exist elsewhere (bundle.html#references 5)', undefined, 'urn:uuid:none', 'unresolved not-in-bundle'],
  ['says that an absent urn:oid cannot exist elsewhere (bundle.html#references 5)', undefined, 'urn:oid:1.9', 'unresolved not-in-bundle'],
  ['does not take an entry without a resource for its target, by URL (bundle.html#references 5)', `${a}MessageHeader/1`, 'Goal/1', `external outside-bundle ${a}Goal/1`],
  ['does not take an entry without a resource for its target, by urn (bundle.html#references 5)', undefined, 'urn:uuid:empty', 'unresolved not-in-bundle'],

  // Rule 7: conditional references, and what is none
  ['leaves a conditional reference unresolved (bundle.html#references 7)', `${a}MessageHeader/1`, 'Patient?identifier=http://x|1', 'unresolved conditional'],
  ['leaves text that is no reference unresolved', `${a}MessageHeader/1`, 'the patient', 'unresolved not-a-reference'],
  ['leaves an empty literal unresolved', `${a}MessageHeader/1`, '', 'unresolved not-a-reference'],
  ['leaves a type alone unresolved', `${a}MessageHeader/1`, 'Patient', 'unresolved not-a-reference'],
  ['leaves a path with too many parts unresolved', `${a}MessageHeader/1`, 'fhir/Patient/1', 'unresolved not-a-reference'],
  ['leaves a lower-case type unresolved', `${a}MessageHeader/1`, 'patient/1', 'unresolved not-a-reference'],
  ['leaves an id with forbidden characters unresolved', `${a}MessageHeader/1`, 'Patient/a b', 'unresolved not-a-reference'],
  ['leaves an id of 65 characters unresolved', `${a}MessageHeader/1`, `Patient/${'x'.repeat(65)}`, 'unresolved not-a-reference'],

  // Rule 8: several matches
  ['says which two versions an unversioned reference may mean (bundle.html#references 8)', `${a}MessageHeader/1`, 'Coverage/9', 'ambiguous several-matches Bundle.entry[7], Bundle.entry[8]'],
  ['says which entries share an absolute URL (bundle.html#references 8)', undefined, `${a}Coverage/9`, 'ambiguous several-matches Bundle.entry[7], Bundle.entry[8]'],
  ['says which entries share URL and version (bdl-7, bundle.html#references 8)', undefined, `${a}Claim/2/_history/1`, 'ambiguous several-matches Bundle.entry[13], Bundle.entry[14]'],
];

const lenient: readonly Row[] = [
  ['finds the one entry whose URL ends so, from an entry with a urn', urn, 'Organization/7', `entry lenient-type-and-id ${b}Organization/7 leniently`],
  ['finds it without a holder', undefined, 'Practitioner/5', `entry lenient-type-and-id ${a}Practitioner/5 leniently`],
  ['finds an entry with a urn by its type and id', urn, 'ServiceRequest/order', `entry lenient-type-and-id ${urn} leniently`],
  ['finds an entry with an oid by its type and id, where the base matches nothing', `${a}MessageHeader/1`, 'Location/here', 'entry lenient-type-and-id urn:oid:1.2.840.99 leniently'],
  ['finds an entry without a fullUrl by its type and id', `${a}MessageHeader/1`, 'Device/d1', 'entry lenient-type-and-id Bundle.entry[10] leniently'],
  ['says that a version was found leniently', `${a}MessageHeader/1`, 'Device/d1/_history/1', 'entry lenient-type-and-id Bundle.entry[10] leniently'],
  ['finds no other version of what it finds (bundle.html#references 2, 5)', `${a}MessageHeader/1`, 'Device/d1/_history/2', `external outside-bundle ${a}Device/d1/_history/2`],
  ['reads by the rules first (bundle.html#references 3)', `${a}MessageHeader/1`, 'Patient/1', `entry restful-base ${a}Patient/1`],
  ['keeps to a version that the rules find missing (bundle.html#references 2, 5)', `${a}MessageHeader/1`, 'Patient/1/_history/2', `external version-mismatch ${a}Patient/1/_history/2`],
  ["never binds to another server's entry that ends the same (bundle.html#references 3)", `${a}MessageHeader/1`, 'Organization/7', `external outside-bundle ${a}Organization/7`],
  ["never binds to another server's version that ends the same (bundle.html#references 3)", `${b}Organization/7`, 'Coverage/9/_history/1', `external outside-bundle ${b}Coverage/9/_history/1`],
  ['never goes by an id where the fullUrl says another', urn, 'Practitioner/900', 'unresolved no-base'],
  ["never goes by an id where the fullUrl says another, on the holder's server", `${a}MessageHeader/1`, 'Practitioner/900', `external outside-bundle ${a}Practitioner/900`],
  ['never takes another type', urn, 'Patient/order', 'unresolved no-base'],
  ['does not choose between two servers (bundle.html#references 8)', urn, 'Patient/1', `ambiguous several-matches ${a}Patient/1, ${b}Patient/1`],
  ['does not choose between two entries with that id (bundle.html#references 8)', `${a}MessageHeader/1`, 'Group/twin', 'ambiguous several-matches urn:uuid:group-a, urn:uuid:group-b'],
  ['tells two versions apart (bundle.html#references 2)', urn, 'Coverage/9/_history/2', 'entry lenient-type-and-id Bundle.entry[8] leniently'],
  ['does not choose between two versions (bundle.html#references 8)', urn, 'Coverage/9', 'ambiguous several-matches Bundle.entry[7], Bundle.entry[8]'],
  ['reads an absolute URL strictly (bundle.html#references 4)', urn, 'https://c.example/Organization/7', 'external outside-bundle https://c.example/Organization/7'],
  ['reads a urn strictly (bundle.html#references 4)', urn, 'urn:uuid:order', 'unresolved not-in-bundle'],
  ['finds nothing where nothing goes by that name', urn, 'Patient/404', 'unresolved no-base'],
];

function outcomeIn(graph: BundleGraph, from: string | undefined, reference: string, mode?: ResolutionMode): string {
  return told(graph.resolve(reference, { from, mode }));
}

describe('resolve, strict', () => {
  it.each(strict)('%s', (_title, from, reference, outcome) => {
    expect(outcomeIn(world, from, reference)).toBe(outcome);
    expect(told(world.resolve({ reference }, { from }))).toBe(outcome);
  });
});

describe('resolve, lenient', () => {
  it.each(lenient)('%s', (_title, from, reference, outcome) => {
    expect(outcomeIn(world, from, reference, 'lenient')).toBe(outcome);
  });

  it.each(strict.filter(([, , , outcome]) => outcome.startsWith('entry')))('agrees where strict reading %s', (_title, from, reference, outcome) => {
    expect(outcomeIn(world, from, reference, 'lenient')).toBe(outcome);
  });

  it("is a graph's own mode where it was made so, and a call may say otherwise", () => {
    const source = bundleOf({ fullUrl: urn, resource: { resourceType: 'Task', for: { reference: 'Patient/p' } } }, { fullUrl: 'urn:uuid:p', resource: { resourceType: 'Patient', id: 'p' } });

    const graph = graphOf(source, { mode: 'lenient' });

    expect(outcomeIn(graph, urn, 'Patient/p')).toBe('entry lenient-type-and-id urn:uuid:p leniently');
    expect(outcomeIn(graph, urn, 'Patient/p', 'strict')).toBe('unresolved no-base');
    expect(graph.linksFrom(urn)).toMatchObject([{ target: 'urn:uuid:p', reason: 'lenient-type-and-id', lenient: true }]);
    expect(graphOf(source).linksFrom(urn)).toMatchObject([{ target: undefined, reason: 'no-base', lenient: false }]);
  });

  it('never goes by the id where the fullUrl is a Type/id itself (bdl-7, Bundle.entry.fullUrl)', () => {
    const named = { fullUrl: 'Patient/1', resource: { resourceType: 'Patient', id: '2' } };
    const nameless = { fullUrl: 'Patient/3', resource: { resourceType: 'Patient' } };
    const graph = graphOf(bundleOf(named, nameless), { mode: 'lenient' });
    const beside = graphOf(bundleOf(named, { fullUrl: urn, resource: { resourceType: 'Patient', id: '1' } }), { mode: 'lenient' });

    expect(['1', '2', '3'].map((id) => outcomeIn(graph, undefined, `Patient/${id}`))).toEqual(['entry lenient-type-and-id Patient/1 leniently', 'unresolved no-base', 'entry lenient-type-and-id Patient/3 leniently']);
    expect(outcomeIn(beside, undefined, 'Patient/1')).toBe(`ambiguous several-matches Patient/1, ${urn}`);
  });

  it.each([
    ['Patient/1/_history/3', '1', '1', '2'],
    ['Patient/', '1', '1', '2'],
    ['Task/1', '2', '2', '1'],
    ['/Patient/1', '2', '2', '1'],
    ['./Patient/1', '2', '2', '1'],
  ])('takes the fullUrl %s of a Patient with the id %s for the name Patient/%s', (fullUrl, id, found, not) => {
    const graph = graphOf(bundleOf({ fullUrl, resource: { resourceType: 'Patient', id } }), { mode: 'lenient' });

    expect(outcomeIn(graph, undefined, `Patient/${found}`)).toBe(`entry lenient-type-and-id ${fullUrl} leniently`);
    expect(outcomeIn(graph, undefined, `Patient/${not}`)).toBe('unresolved no-base');
  });
});

describe('resolve, what comes with the outcome', () => {
  it('reads the resource of an entry, the very object that get gives', () => {
    const outcome = world.resolve(`${a}Patient/1`);

    expect(outcome.kind === 'entry' && outcome.resource).toBe(world.get(`${a}Patient/1`));
  });

  it('tells a reference that is only an identifier (bundle.html#references 6)', () => {
    const outcome = world.resolve({ identifier: { system: 'http://x', value: '1' } }, { from: `${a}Patient/1` });

    expect(outcome).toEqual({ kind: 'external', reason: 'identifier-only', url: undefined });
  });

  it('goes by the literal where there is an identifier too (bundle.html#references 6)', () => {
    expect(told(world.resolve({ reference: urn, identifier: { value: '1' } }))).toBe(`entry full-url ${urn}`);
  });

  it.each([[{}], [{ display: 'Somebody' }], [{ identifier: 'text' }]])('tells that %j is no reference', (reference) => {
    expect(told(world.resolve(reference as Reference))).toBe('unresolved not-a-reference');
  });

  it('never names a key that get does not know', () => {
    const keys = [...strict, ...lenient].flatMap(([, from, reference]) => {
      const outcome = world.resolve(reference, { from, mode: 'lenient' });
      return outcome.kind === 'entry' ? [outcome.key] : outcome.kind === 'ambiguous' ? outcome.keys : [];
    });

    expect(keys.filter((key) => world.get(key) === undefined)).toEqual([]);
    expect(keys.length).toBeGreaterThan(40);
  });
});

describe('contained resources', () => {
  const fullUrl = `${a}ServiceRequest/1`;
  const graph = graphOf(
    bundleOf(
      {
        fullUrl,
        resource: {
          resourceType: 'ServiceRequest',
          id: '1',
          contained: [
            { resourceType: 'Patient', id: 'p', managingOrganization: { reference: '#o' }, generalPractitioner: [{ reference: 'Practitioner/5' }, { reference: '#' }] },
            { resourceType: 'Organization', id: 'o' },
            { resourceType: 'Location', id: 'twice' },
            { resourceType: 'Device', id: 'twice' },
          ],
          subject: { reference: '#p' },
          requester: { reference: '#nobody' },
          performer: [{ reference: '#twice' }],
          basedOn: [{ reference: '#' }],
        },
      },
      { fullUrl: `${a}Practitioner/5`, resource: { resourceType: 'Practitioner', id: '5' } },
    ),
  );
  const links = (key: string): string[] => graph.linksFrom(key).map(({ path, kind, reason, target }) => `${path}: ${kind} ${reason} ${target ?? ''}`.trim());

  it('finds #id among what the holder contains (bundle.html#references 1)', () => {
    const outcome = graph.resolve('#o', { from: fullUrl });

    expect(told(outcome)).toBe(`contained contained ServiceRequest.contained[1] in ${fullUrl}`);
    expect(outcome.kind === 'contained' && outcome.resource).toBe(graph.get('ServiceRequest/1')?.contained?.[1]);
  });

  it('reads # as the container (bundle.html#references 1)', () => {
    const outcome = graph.resolve('#', { from: fullUrl });

    expect(told(outcome)).toBe(`contained container ServiceRequest in ${fullUrl}`);
    expect(outcome.kind === 'contained' && outcome.resource).toBe(graph.get('ServiceRequest/1'));
  });

  it('leaves an id that nothing contained has unresolved (bundle.html#references 1)', () => {
    expect(told(graph.resolve('#nobody', { from: fullUrl }))).toBe('unresolved not-contained');
  });

  it('does not choose between two contained resources with one id (bundle.html#references 1, 8)', () => {
    expect(told(graph.resolve('#twice', { from: fullUrl }))).toBe(`ambiguous several-matches ${fullUrl}`);
    expect(told(graph.resolve('#twice', { from: 'ServiceRequest/1', mode: 'lenient' }))).toBe(`ambiguous several-matches ${fullUrl}`);
  });

  it('never takes what another entry contains (bundle.html#references 1)', () => {
    expect(told(graph.resolve('#o', { from: `${a}Practitioner/5` }))).toBe('unresolved not-contained');
  });

  it('are found whatever their holder says that its type is', () => {
    const bundle = JSON.parse('{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"a.b/c","contained":[{"resourceType":"Patient","id":"p"}]}}]}');
    const graph = graphOf<AnyResource>(bundle);

    expect(graph.resolve('#', { from: 'urn:uuid:1' })).toMatchObject({ kind: 'contained', resource: { resourceType: 'a.b/c' } });
    expect(graph.resolve('#p', { from: 'urn:uuid:1' })).toMatchObject({ kind: 'contained', resource: { id: 'p' } });
  });

  it.each(['#o', '#'])('gives %s without a holder no meaning (bundle.html#references 1)', (reference) => {
    expect(told(graph.resolve(reference))).toBe('unresolved not-contained');
    expect(told(graph.resolve(reference, { from: 'urn:uuid:nobody' }))).toBe('unresolved not-contained');
  });

  it("resolves what a contained resource refers to with the container's entry (bundle.html#references 1)", () => {
    expect(links(fullUrl)).toEqual([
      'ServiceRequest.contained[0].managingOrganization: contained contained',
      `ServiceRequest.contained[0].generalPractitioner[0]: entry restful-base ${a}Practitioner/5`,
      'ServiceRequest.contained[0].generalPractitioner[1]: contained container',
      'ServiceRequest.subject: contained contained',
      'ServiceRequest.requester: unresolved not-contained',
      'ServiceRequest.performer[0]: ambiguous several-matches',
      'ServiceRequest.basedOn[0]: contained container',
    ]);
  });

  it('tells in unresolved() only what leads nowhere (bundle.html#references 1)', () => {
    expect(graph.unresolved().map(({ path, kind, reason }) => `${path} ${kind} ${reason}`)).toEqual([
      'ServiceRequest.requester unresolved not-contained',
      'ServiceRequest.performer[0] ambiguous several-matches',
    ]);
  });

  it("means by #id, in a resource of Parameters, what that resource contains (bundle.html#references 1)", () => {
    const inside = graphOf(
      bundleOf({
        fullUrl: `${a}Parameters/1`,
        resource: {
          resourceType: 'Parameters',
          contained: [{ resourceType: 'Patient', id: 'outer' }],
          parameter: [
            {
              name: 'order',
              resource: {
                resourceType: 'ServiceRequest',
                contained: [{ resourceType: 'Patient', id: 'inner', link: [{ other: { reference: '#' } }] }],
                subject: { reference: '#inner' },
                requester: { reference: '#outer' },
                encounter: { reference: 'Encounter/1' },
              },
            },
            { name: 'who', valueReference: { reference: '#outer' }, part: [{ name: 'x', valueReference: { reference: '#inner' } }] },
          ],
        },
      }),
    );

    expect(inside.linksFrom(`${a}Parameters/1`).map(({ path, kind, reason }) => `${path}: ${kind} ${reason}`)).toEqual([
      'Parameters.parameter[0].resource.contained[0].link[0].other: contained container',
      'Parameters.parameter[0].resource.subject: contained contained',
      'Parameters.parameter[0].resource.requester: unresolved not-contained',
      'Parameters.parameter[0].resource.encounter: external outside-bundle',
      'Parameters.parameter[1].valueReference: contained contained',
      'Parameters.parameter[1].part[0].valueReference: unresolved not-contained',
    ]);
  });
});

describe('a nested Bundle', () => {
  const nested = {
    resourceType: 'Bundle',
    id: 'inner',
    entry: [{ fullUrl: `${b}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/1' }, focus: { reference: '#x' } } }],
  };

  it.each([
    ['as an entry', { ...nested }],
    ['in Parameters', { resourceType: 'Parameters', parameter: [{ name: 'b', resource: nested }] }],
    ['contained', { resourceType: 'Basic', contained: [nested] }],
  ])('%s is a scope of its own: its references are not read (bundle.html#references)', (_where, resource) => {
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:outer', resource }, { fullUrl: `${b}Patient/1`, resource: { resourceType: 'Patient', id: '1' } }));

    expect(graph.linksFrom('urn:uuid:outer')).toEqual([]);
    expect(graph.linksTo(`${b}Patient/1`)).toEqual([]);
    expect(graph.unresolved()).toEqual([]);
  });

  it('does not lend its entries to the Bundle around it (bundle.html#references)', () => {
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:outer', resource: nested }));

    expect(told(graph.resolve(`${b}Task/1`))).toBe(`external outside-bundle ${b}Task/1`);
    expect(graph.get(`${b}Task/1`)).toBeUndefined();
  });

  it('is read by a graph of its own (bundle.html#references)', () => {
    const graph = graphOf({ resourceType: 'Bundle', entry: nested.entry });

    expect(graph.linksFrom(`${b}Task/1`).map(({ reason }) => reason)).toEqual(['outside-bundle', 'not-contained']);
  });
});
