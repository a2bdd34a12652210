import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../fhir/json.ts';
import { isLogicalReference, maxDepth, referencesOf } from './walk-references.ts';
import { codeOf } from '../../test/code-of.ts';

function nested(levels: number, inside: unknown): JsonObject {
  let value = inside;
  for (let level = 0; level < levels; level += 1) {
    value = { extension: value };
  }
  return { resourceType: 'Basic', x: value };
}

describe('referencesOf', () => {
  it('tells every Reference with its FHIRPath, in document order', () => {
    const sites = referencesOf({
      resourceType: 'ServiceRequest',
      subject: { reference: 'Patient/1', display: 'x' },
      performer: [{ reference: 'Practitioner/1' }, null, 'text', { reference: 'Practitioner/2' }],
      extension: [{ url: 'u', valueReference: { reference: 'urn:uuid:1' } }],
      contained: [{ resourceType: 'Patient', id: 'p', link: [{ other: { reference: '#' } }] }],
    });

    expect(sites).toEqual([
      { path: 'ServiceRequest.subject', literal: 'Patient/1', container: undefined },
      { path: 'ServiceRequest.performer[0]', literal: 'Practitioner/1', container: undefined },
      { path: 'ServiceRequest.performer[3]', literal: 'Practitioner/2', container: undefined },
      { path: 'ServiceRequest.extension[0].valueReference', literal: 'urn:uuid:1', container: undefined },
      { path: 'ServiceRequest.contained[0].link[0].other', literal: '#', container: undefined },
    ]);
  });

  it.each(['.', 'a.b', 'https://a.example/fhir/Patient/1', '', 5])('starts a path with Resource where the type is no name: %j', (resourceType) => {
    expect(referencesOf({ resourceType, subject: { reference: 'Patient/1' } }).map(({ path }) => path)).toEqual(['Resource.subject']);
  });

  it('tells a Reference inside a Reference', () => {
    const sites = referencesOf({
      resourceType: 'Task',
      for: { reference: 'Patient/1', identifier: { value: '1', assigner: { reference: 'Organization/1' } } },
    });

    expect(sites.map(({ path }) => path)).toEqual(['Task.for', 'Task.for.identifier.assigner']);
  });

  it('tells a Reference that is only an identifier, and not the elements that have one too', () => {
    const sites = referencesOf({
      resourceType: 'QuestionnaireResponse',
      identifier: { value: 'own' },
      subject: { identifier: { value: '1' } },
      author: { type: 'Practitioner', identifier: { value: '1' }, display: 'x' },
      udiCarrier: [{ deviceIdentifier: '1', identifier: { value: '1' } }],
      source: { display: 'only a name' },
    });

    expect(sites.map(({ path, literal }) => [path, literal])).toEqual([
      ['QuestionnaireResponse.subject', undefined],
      ['QuestionnaireResponse.author', undefined],
    ]);
  });

  it('takes an element whose `reference` is no text for what it is', () => {
    const sites = referencesOf({ resourceType: 'Claim', related: [{ reference: { system: 'x', value: '1' } }] });

    expect(sites).toEqual([]);
  });

  it.each([
    ['a Bundle', { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Task', for: { reference: 'Patient/1' } } }] }],
    ['what has no type', { for: 'Patient/1' }],
    ['an empty resource', {}],
  ])('finds none in %s', (_what, resource) => {
    expect(referencesOf(resource)).toEqual([]);
  });

  it('begins paths with `Resource` where the type is missing', () => {
    expect(referencesOf({ for: { reference: 'x' } }).map(({ path }) => path)).toEqual(['Resource.for']);
    expect(referencesOf({ resourceType: 5, for: { reference: 'x' } }).map(({ path }) => path)).toEqual(['Resource.for']);
  });

  it(`reads ${maxDepth} levels and refuses more (input.limit)`, () => {
    expect(referencesOf(nested(maxDepth - 2, { reference: 'Patient/1' }))).toHaveLength(1);
    expect(codeOf(() => referencesOf(nested(maxDepth, { reference: 'Patient/1' })))).toBe('input.limit');
    expect(codeOf(() => referencesOf(nested(5_000, {})))).toBe('input.limit');
  });

  it('refuses a value that holds itself (input.limit)', () => {
    const ring: Record<string, unknown> = { resourceType: 'Basic' };
    ring['self'] = ring;

    expect(codeOf(() => referencesOf(ring))).toBe('input.limit');
  });
});

describe('isLogicalReference', () => {
  it('is true of what has an identifier and nothing that a Reference has not', () => {
    expect(isLogicalReference({ identifier: { value: '1' }, type: 'Patient', display: 'x', id: 'a', extension: [], _display: {} })).toBe(true);
    expect(isLogicalReference({ identifier: { value: '1' }, _reference: { extension: [] } })).toBe(true);
    expect(isLogicalReference({ identifier: { value: '1' }, reference: undefined })).toBe(true);
    expect(isLogicalReference({ identifier: { value: '1' }, use: 'x' })).toBe(false);
    expect(isLogicalReference({ identifier: [{ value: '1' }] })).toBe(false);
    expect(isLogicalReference({ display: 'x' })).toBe(false);
  });
});
