import { readFileSync } from 'node:fs';
import { checkMessage } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';

interface ElementDefinition {
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type?: readonly { readonly code: string }[];
  readonly constraint?: readonly { readonly key: string; readonly severity: string }[];
}

const releases = ['R4', 'R5'] as const;
type Release = (typeof releases)[number];

const definitionOf = (release: Release, type: string): readonly ElementDefinition[] =>
  JSON.parse(readFileSync(new URL(`../node_modules/hl7.fhir.${release.toLowerCase()}.examples/StructureDefinition-${type}.json`, import.meta.url), 'utf8')).differential.element;
const rulesFile = readFileSync(new URL('../../packages/core/RULES.md', import.meta.url), 'utf8');
const tabled = new Set(Array.from(rulesFile.matchAll(/^\| `(bdl-[^`]+)`/gm), ([, id]) => id));
const unbreakable = new Set(Array.from(rulesFile.slice(rulesFile.indexOf('## Invariants that a message cannot break')).matchAll(/`(bdl-[^`]+)`/g), ([, id]) => id));

describe("HL7's definition of Bundle", () => {
  it.each(releases)('has no invariant in %s that RULES.md does not speak of', (release) => {
    const keys = definitionOf(release, 'Bundle').flatMap(({ constraint = [] }) => constraint.filter(({ severity }) => severity === 'error').map(({ key }) => key));

    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => !tabled.has(key) && !unbreakable.has(key))).toEqual([]);
  });

  it('has every invariant that RULES.md speaks of', () => {
    const keys = new Set(releases.flatMap((release) => definitionOf(release, 'Bundle').flatMap(({ constraint = [] }) => constraint.map(({ key }) => key))));

    expect([...tabled, ...unbreakable].filter((id) => !keys.has(id ?? ''))).toEqual([]);
    expect([...tabled].filter((id) => unbreakable.has(id))).toEqual([]);
  });
});

describe("HL7's definition of MessageHeader", () => {
  const endpoint = { R4: 'endpoint', R5: 'endpointUrl' };
  const identifier = { R4: 'request-1', R5: { value: 'request-1' } };
  const header = (release: Release): Record<string, unknown> => ({
    resourceType: 'MessageHeader',
    id: 'h-1',
    eventCoding: { system: 'https://example.org', code: 'x' },
    source: { [endpoint[release]]: 'https://a.example' },
    destination: [{ [endpoint[release]]: 'https://b.example' }],
    response: { identifier: identifier[release], code: 'ok' },
  });
  const check = (release: Release, changed: object): (string | undefined)[] => {
    const bundle = { resourceType: 'Bundle', id: 'b-1', identifier: { value: 'b-1' }, type: 'message', timestamp: '2026-11-21T10:00:00Z', entry: [{ fullUrl: 'urn:uuid:h', resource: changed }] };
    return checkMessage(JSON.parse(JSON.stringify(bundle)), { release }).flatMap(({ expression }) => expression);
  };
  const elements = (release: Release): readonly (readonly [Release, string, ElementDefinition])[] =>
    definitionOf(release, 'MessageHeader').slice(1).map((element) => [release, element.path.slice('MessageHeader.'.length), element]);
  const named: Readonly<Record<string, string>> = { 'event[x]': 'eventCoding', 'source.endpoint[x]': 'source.endpointUrl', 'destination.endpoint[x]': 'destination.endpointUrl' };
  const pathOf = (path: string): string => `Bundle.entry[0].resource.${path.replace('[x]', '').replace('destination.', 'destination[0].')}`;

  it.each(releases)('finds nothing wrong in the header that the others are made from (%s)', (release) => {
    expect(check(release, header(release))).toEqual([]);
  });

  it.each(releases.flatMap(elements).filter(([, , { min }]) => min > 0))('asks in %s for %s', (release, path) => {
    const changed = structuredClone(header(release));
    const [outer = '', inner] = (named[path] ?? path).split('.');
    const holder = inner === undefined ? changed : Object([changed[outer]].flat()[0]);
    Reflect.deleteProperty(holder, inner ?? outer);

    expect(check(release, changed)).toContain(pathOf(path));
  });

  it.each(releases.flatMap(elements).filter(([, path, { type = [] }]) => !path.includes('.') && !path.includes('[x]') && type.some(({ code }) => !['string', 'url', 'code', 'id'].includes(code))))(
    'takes in %s for %s what its cardinality says, and nothing else (header.shape)',
    (release, path, { max, type = [] }) => {
      const one = type.some(({ code }) => code === 'canonical') ? 'https://a.example' : path === 'focus' ? { reference: 'urn:uuid:h' } : header(release)[path] ?? { text: 'x' };
      const single = Array.isArray(one) ? one[0] : one;

      expect(check(release, { ...header(release), [path]: max === '*' ? [single] : single })).not.toContain(pathOf(path));
      expect(check(release, { ...header(release), [path]: max === '*' ? single : [single] })).toContain(pathOf(path));
    },
  );

  it.each(releases.flatMap(elements).filter(([, path, { type = [] }]) => path.includes('.') && !path.includes('[x]') && path !== 'response.details' && type.some(({ code }) => !['url', 'code', 'id', 'Identifier'].includes(code))))(
    'takes in %s for %s one, and no list (header.shape)',
    (release, path, { max, type = [] }) => {
      const [outer = '', inner = ''] = path.split('.');
      const one = type.some(({ code }) => code === 'string') ? 'x' : { text: 'x', display: 'x' };
      const within = (value: unknown): object => {
        const changed = structuredClone(header(release));
        Object.assign(Object([changed[outer]].flat()[0]), { [inner]: value });
        return changed;
      };

      expect(max).toBe('1');
      expect(check(release, within(one))).not.toContain(pathOf(path));
      expect(check(release, within([one]))).toContain(pathOf(path));
    },
  );

  it('takes in R5 no enterer, which only R4 has (header.enterer)', () => {
    const has = (release: Release): boolean => elements(release).some(([, path]) => path === 'enterer');

    expect([has('R4'), has('R5')]).toEqual([true, false]);
    expect(check('R4', { ...header('R4'), enterer: { display: 'x' } })).toEqual([]);
    expect(check('R5', { ...header('R5'), enterer: { display: 'x' } })).toEqual([pathOf('enterer')]);
  });
});
