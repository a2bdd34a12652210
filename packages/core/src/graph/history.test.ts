import { describe, expect, it } from 'vitest';
import { graphOf } from './graph-of.ts';
import { historyOf } from './history.ts';
import { updateEntry } from './update-entry.ts';

const first = graphOf({ resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic', id: '1' } }, { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Basic' } }] });
const edit = (graph: typeof first, id: string): typeof first =>
  updateEntry(graph, 'urn:uuid:1', (basic) => {
    basic.id = id;
  });
const second = edit(first, '2');
const third = edit(second, '3');

describe('historyOf', () => {
  it('begins where nothing can be undone or redone', () => {
    const history = historyOf(first);

    expect([history.present, history.canUndo, history.canRedo]).toEqual([first, false, false]);
    expect(history.undo()).toBe(history);
    expect(history.redo()).toBe(history);
  });

  it('goes back and forth over the very graphs that were pushed', () => {
    const history = historyOf(first).push(second).push(third);

    expect([history.present === third, history.canUndo, history.canRedo]).toEqual([true, true, false]);
    expect(history.undo().present).toBe(second);
    expect(history.undo().undo().present).toBe(first);
    expect(history.undo().undo().canUndo).toBe(false);
    expect(history.undo().undo().redo().present).toBe(second);
    expect(history.undo().undo().redo().redo().present).toBe(third);
    expect(history.undo().redo().canRedo).toBe(false);
  });

  it('forgets what was undone when something new comes', () => {
    const other = edit(first, 'other');

    const history = historyOf(first).push(second).push(third).undo().undo().push(other);

    expect([history.present === other, history.canRedo]).toEqual([true, false]);
    expect(history.undo().present).toBe(first);
  });

  it('is the same history when the graph is the same', () => {
    const history = historyOf(first).push(second).undo();

    expect(history.push(first)).toBe(history);
    expect(history.push(edit(first, '1'))).toBe(history);
    expect(history.canRedo).toBe(true);
  });

  it('is a value: no step changes another', () => {
    const base = historyOf(first).push(second);

    base.undo();
    base.push(third);

    expect([base.present === second, base.canUndo, base.canRedo, Object.isFrozen(base)]).toEqual([true, true, false, true]);
  });

  it('takes ten thousand steps back without growing the stack', () => {
    let history = historyOf(first);
    for (let step = 0; step < 10_000; step += 1) history = history.push(edit(history.present, `s${step}`));
    while (history.canUndo) history = history.undo();

    expect(history.present).toBe(first);
    expect(history.redo().present.get('urn:uuid:2')).toBe(first.get('urn:uuid:2'));
  });
});
