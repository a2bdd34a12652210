import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../fhir/json.ts';
import { rewriteReferences } from './rewrite-references.ts';
import { valueAtPath } from './value-at-path.ts';
import { referencesOf } from './walk-references.ts';

const task: JsonObject = {
  resourceType: 'Task',
  for: { reference: 'Patient/1', display: 'kept', identifier: { assigner: { reference: 'Organization/1' } } },
  input: [{ valueReference: { reference: 'A/1' } }, { valueReference: { reference: 'B/1' } }],
  owner: { reference: 'Practitioner/1' },
};

describe('rewriteReferences', () => {
  it('gives the same object where there is nothing to rewrite', () => {
    expect(rewriteReferences(task, new Map())).toBe(task);
  });

  it('replaces a literal and keeps what stands beside it', () => {
    const after = rewriteReferences(task, new Map([['Task.for', 'urn:uuid:1']]));

    expect(after['for']).toEqual({ reference: 'urn:uuid:1', display: 'kept', identifier: { assigner: { reference: 'Organization/1' } } });
    expect(task['for']).toMatchObject({ reference: 'Patient/1' });
  });

  it('replaces a Reference inside a Reference, and both at once', () => {
    const rewrites = new Map([
      ['Task.for', 'urn:uuid:1'],
      ['Task.for.identifier.assigner', 'urn:uuid:2'],
    ]);

    const after = rewriteReferences(task, rewrites);

    expect(referencesOf(after).map(({ literal }) => literal)).toEqual(['urn:uuid:1', 'urn:uuid:2', 'A/1', 'B/1', 'Practitioner/1']);
  });

  it('keeps the identity of every part without one', () => {
    const after = rewriteReferences(task, new Map([['Task.input[1].valueReference', 'C/1']]));

    expect(after['for']).toBe(task['for']);
    expect(after['owner']).toBe(task['owner']);
    expect(valueAtPath(after, 'Task.input[0]')).toBe(valueAtPath(task, 'Task.input[0]'));
    expect(valueAtPath(after, 'Task.input[1].valueReference.reference')).toBe('C/1');
  });

  it('keeps a member named __proto__ a member', () => {
    const odd = JSON.parse('{"resourceType":"Task","__proto__":{"owner":{"reference":"A/1"}}}') as JsonObject;

    const after = rewriteReferences(odd, new Map([['Task.__proto__.owner', 'B/1']]));

    expect(JSON.stringify(after)).toBe('{"resourceType":"Task","__proto__":{"owner":{"reference":"B/1"}}}');
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
  });

  it('begins at `Resource` where the type is missing', () => {
    expect(rewriteReferences({ for: { reference: 'A/1' } }, new Map([['Resource.for', 'B/1']]))).toEqual({ for: { reference: 'B/1' } });
  });
});

describe('valueAtPath', () => {
  it('follows names and positions', () => {
    expect(valueAtPath(task, 'Task')).toBe(task);
    expect(valueAtPath(task, 'Task.input[1].valueReference.reference')).toBe('B/1');
  });

  it.each(['Task.nothing', 'Task.nothing.more', 'Task.input[9]', 'Task.input[0].x.y', 'Task.owner[0]', 'Task.toString', 'Task.__proto__', 'Task.input.length'])(
    'finds nothing at %s',
    (path) => {
      expect(valueAtPath(task, path)).toBeUndefined();
    },
  );
});
