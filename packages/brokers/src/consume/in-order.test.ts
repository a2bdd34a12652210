import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

describe('work by key', () => {
  it('of one key is done one after the other, also past one that fails; of another key meanwhile', async () => {
    const done: string[] = [];
    const ends: (() => void)[] = [];
    const { run } = inOrder();
    const work = (name: string) => () => new Promise<void>((resolve) => ends.push(() => (done.push(name), resolve())));
    const failing = run('a', () => Promise.reject(new Error('no')));
    const all = [run('a', work('a1')), run('a', work('a2')), run('b', work('b1')), run(undefined, work('free'))];
    await expect(failing).rejects.toThrow('no');
    await new Promise(setImmediate);
    expect(ends).toHaveLength(3);
    for (const end of ends.splice(0).reverse()) end();
    await new Promise(setImmediate);
    for (const end of ends) end();
    await Promise.all(all);

    expect(done.indexOf('a1')).toBeLessThan(done.indexOf('a2'));
    expect(done).toHaveLength(4);
    expect(done.at(-1)).toBe('a2');
  });
});
