import { describe, expect, it } from 'vitest';
import type { BundleEntryLike, BundleLike } from '../fhir/bundle.ts';
import type { Resource } from '../fhir/resource.ts';
import { addEntry } from './add-entry.ts';
import { diffGraphs, patchBetween } from './diff-graphs.ts';
import type { PatchOperation } from './diff-graphs.ts';
import { graphOf } from './graph-of.ts';
import { removeEntry } from './remove-entry.ts';
import { renameEntry } from './rename-entry.ts';
import { updateEntry } from './update-entry.ts';
import { isDeeplyFrozen } from '../../test/is-deeply-frozen.ts';

type AnyResource = Resource & Record<string, unknown>;

function bundleOf(...entry: BundleEntryLike<AnyResource>[]): BundleLike<AnyResource> {
  return { resourceType: 'Bundle', entry };
}

/** RFC 6902, written from its text: `add` into an array moves what follows, and so does `remove`; anything amiss throws. */
function apply(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root = { '': structuredClone(document) };
  for (const operation of patch) {
    const steps = operation.path.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    let parent: unknown = root;
    for (const step of steps) {
      if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step)) throw new Error(`no ${operation.path}`);
      parent = Object.getOwnPropertyDescriptor(parent, step)?.value;
    }
    if (operation.op !== 'remove' && (operation.value === undefined || !('value' in operation))) throw new Error('an operation without its value');
    if (Array.isArray(parent)) {
      const at = last === '-' ? parent.length : Number(last);
      const end = operation.op === 'add' ? parent.length : parent.length - 1;
      if (!(at >= 0 && at <= end)) throw new Error(`no position ${operation.path}`);
      if (operation.op === 'remove') parent.splice(at, 1);
      else parent.splice(at, operation.op === 'add' ? 0 : 1, structuredClone(operation.value));
    } else if (typeof parent === 'object' && parent !== null) {
      if (operation.op !== 'add' && !Object.hasOwn(parent, last)) throw new Error(`no member ${operation.path}`);
      if (operation.op === 'remove') Reflect.deleteProperty(parent, last);
      else Object.defineProperty(parent, last, { value: structuredClone(operation.value), enumerable: true, configurable: true, writable: true });
    } else {
      throw new Error(`no parent of ${operation.path}`);
    }
  }
  return root[''];
}

const parse = (text: string): unknown => JSON.parse(text);

describe('patchBetween', () => {
  it.each<[string, unknown, unknown, readonly PatchOperation[]]>([
    ['a changed value', { a: 1 }, { a: 2 }, [{ op: 'replace', path: '/a', value: 2 }]],
    ['a new member', {}, { a: null }, [{ op: 'add', path: '/a', value: null }]],
    ['a lost member', { a: false, b: 1 }, { b: 1 }, [{ op: 'remove', path: '/a' }]],
    ['a member made undefined', { a: 1 }, { a: undefined }, [{ op: 'remove', path: '/a' }]],
    ['a member that was undefined', { a: undefined }, { a: 1 }, [{ op: 'add', path: '/a', value: 1 }]],
    ['undefined and absent', { a: undefined }, {}, []],
    ['deep members', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, [{ op: 'replace', path: '/a/b/0/c', value: 2 }]],
    ['a longer array', [1], [1, 2, 3], [{ op: 'add', path: '/1', value: 2 }, { op: 'add', path: '/2', value: 3 }]],
    ['a shorter array, from its end', [1, 2, 3], [1], [{ op: 'remove', path: '/2' }, { op: 'remove', path: '/1' }]],
    ['what moved in an array, as replaced', [1, 2], [2, 1], [{ op: 'replace', path: '/0', value: 2 }, { op: 'replace', path: '/1', value: 1 }]],
    ['an array for an object', { a: [] }, { a: {} }, [{ op: 'replace', path: '/a', value: {} }]],
    ['an object for a value', { a: 1 }, { a: { b: 1 } }, [{ op: 'replace', path: '/a', value: { b: 1 } }]],
    ['null for a value', { a: 1 }, { a: null }, [{ op: 'replace', path: '/a', value: null }]],
    ['names with / and ~ (RFC 6901)', { 'a/b~c': 1, '~1': 1 }, { 'a/b~c': 2, '~1': 2 }, [{ op: 'replace', path: '/a~1b~0c', value: 2 }, { op: 'replace', path: '/~01', value: 2 }]],
    ['an empty name', { '': 1 }, { '': 2 }, [{ op: 'replace', path: '/', value: 2 }]],
    ['the whole', 1, 2, [{ op: 'replace', path: '', value: 2 }]],
    ['a member named __proto__', parse('{"a":1}'), parse('{"a":1,"__proto__":{"b":1}}'), [{ op: 'add', path: '/__proto__', value: { b: 1 } }]],
    ['a member named as a method is', {}, { toString: 'x' }, [{ op: 'add', path: '/toString', value: 'x' }]],
    ['equal values', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ['another order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ])('tells %s (RFC 6902)', (_what, before, after, patch) => {
    expect(patchBetween(before, after)).toEqual(patch);
    expect(apply(before, patch)).toEqual(after);
  });
});

describe('diffGraphs', () => {
  const before = graphOf(
    bundleOf(
      { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Task', status: 'draft', note: [{ text: 'a' }], for: { reference: 'urn:uuid:2' } } },
      { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Patient' } },
      { fullUrl: 'urn:uuid:3', resource: { resourceType: 'Basic' } },
    ),
  );

  it('tells what was added, removed and changed', () => {
    const edited = updateEntry(before, 'urn:uuid:1', (task) => void Object.assign(task, { status: 'accepted', note: [{ text: 'b' }, { text: 'c' }] }));
    const after = addEntry(removeEntry(edited, 'urn:uuid:3'), { fullUrl: 'urn:uuid:4', resource: { resourceType: 'Patient', id: '4' } });

    const { added, removed, changed } = diffGraphs(before, after);

    expect(added.map(({ key }) => key)).toEqual(['urn:uuid:4']);
    expect(added[0]).toBe(after.entries[2]);
    expect(removed).toEqual([before.entries[2]]);
    expect(changed).toEqual([
      {
        key: 'urn:uuid:1',
        patch: [
          { op: 'replace', path: '/status', value: 'accepted' },
          { op: 'replace', path: '/note/0/text', value: 'b' },
          { op: 'add', path: '/note/1', value: { text: 'c' } },
        ],
      },
    ]);
  });

  it('gives patches that turn the first into the second (RFC 6902)', () => {
    const after = updateEntry(before, 'urn:uuid:1', (task) => {
      Object.assign(task, { status: undefined, for: undefined, focus: { reference: 'urn:uuid:3' }, note: [], 'a/b': { '~': 1 } });
    });

    const [change] = diffGraphs(before, after).changed;

    expect(apply(before.get('urn:uuid:1'), change?.patch ?? [])).toEqual(after.get('urn:uuid:1'));
  });

  it('tells a renamed entry as removed and added, and the references that followed as changed', () => {
    const after = renameEntry(before, 'urn:uuid:2', 'urn:uuid:9');

    const { added, removed, changed } = diffGraphs(before, after);

    expect([added.map(({ key }) => key), removed.map(({ key }) => key)]).toEqual([['urn:uuid:9'], ['urn:uuid:2']]);
    expect(changed).toEqual([{ key: 'urn:uuid:1', patch: [{ op: 'replace', path: '/for/reference', value: 'urn:uuid:9' }] }]);
  });

  it('tells nothing of graphs that are equal, shared or not', () => {
    const nothing = { added: [], removed: [], changed: [] };

    expect(diffGraphs(before, before)).toEqual(nothing);
    expect(diffGraphs(before, graphOf(JSON.parse(JSON.stringify(before.bundle)) as BundleLike))).toEqual(nothing);
  });

  it('tells nothing of another order of entries, which has no meaning', () => {
    const turned = graphOf({ resourceType: 'Bundle', entry: [...(before.bundle.entry ?? [])].reverse() });

    expect(diffGraphs(before, turned)).toEqual({ added: [], removed: [], changed: [] });
  });

  it('compares entries without a fullUrl by their positions, which move', () => {
    const nameless = graphOf(bundleOf({ resource: { resourceType: 'Basic', id: 'a' } }, { resource: { resourceType: 'Basic', id: 'b' } }, { resource: { resourceType: 'Basic', id: 'c' } }));

    const { added, removed, changed } = diffGraphs(nameless, removeEntry(nameless, 'Bundle.entry[0]'));

    expect(added).toEqual([]);
    expect(removed.map(({ key }) => key)).toEqual(['Bundle.entry[2]']);
    expect(changed).toEqual([
      { key: 'Bundle.entry[0]', patch: [{ op: 'replace', path: '/id', value: 'b' }] },
      { key: 'Bundle.entry[1]', patch: [{ op: 'replace', path: '/id', value: 'c' }] },
    ]);
  });

  it('tells a resource that came or went', () => {
    const empty = graphOf(bundleOf({ fullUrl: 'urn:uuid:1' }));
    const full = graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic' } }));

    expect(diffGraphs(empty, full).changed).toEqual([{ key: 'urn:uuid:1', patch: [{ op: 'replace', path: '', value: { resourceType: 'Basic' } }] }]);
    expect(diffGraphs(full, empty).changed).toEqual([{ key: 'urn:uuid:1', patch: [{ op: 'remove', path: '' }] }]);
  });

  it('is frozen, at any depth', () => {
    const before = graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic' } }, { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Basic' } }));
    const after = addEntry(removeEntry(updateEntry(before, 'urn:uuid:1', (basic) => void Object.assign(basic, { note: [{}] })), 'urn:uuid:2'), { fullUrl: 'urn:uuid:3', resource: { resourceType: 'Basic', code: {} } });
    const difference = diffGraphs(before, after);

    expect([difference.added.length, difference.removed.length, difference.changed.length]).toEqual([1, 1, 1]);
    expect(isDeeplyFrozen(difference)).toBe(true);
    expect(isDeeplyFrozen(diffGraphs(before, before))).toBe(true);
  });

  it('does not read what both graphs share', () => {
    let deep: unknown = {};
    for (let level = 0; level < 5_000; level += 1) deep = [deep];
    const heavy = graphOf(bundleOf({ fullUrl: 'urn:uuid:deep', resource: { resourceType: 'Basic', deep } }, { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic' } }));

    const after = updateEntry(heavy, 'urn:uuid:1', (basic) => void Object.assign(basic, { id: '1' }));

    expect(diffGraphs(heavy, after).changed.map(({ key }) => key)).toEqual(['urn:uuid:1']);
  });
});
