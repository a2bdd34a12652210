import { describe, expect, it } from 'vitest';
import { slotsOf } from './slots.ts';

/** Work that ends when it is told to, and says when it began. */
function works(count: number) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) => (): Promise<number> => {
    begun.push(number);
    return new Promise((resolve) => (ends[number] = () => resolve(number)));
  };
  return { begun, end: (number: number) => ends[number]?.(), all: Array.from({ length: count }, (_, number) => work(number)) };
}

describe('slotsOf', () => {
  it('lets no more go on at once than there are slots, in the order in which they were asked for', async () => {
    const { begun, end, all } = works(4);
    const slots = slotsOf(2);
    const running = all.map((work) => slots.run(work));
    expect([begun, slots.isFull]).toEqual([[0, 1], true]);
    end(1);
    await running[1];
    expect(begun).toEqual([0, 1, 2]);
    end(2);
    await running[2];
    expect(begun).toEqual([0, 1, 2, 3]);
    end(0);
    end(3);

    expect(await Promise.all(running)).toEqual([0, 1, 2, 3]);
    expect(slots.isFull).toBe(false);
  });

  it('gives a slot back where the work fails', async () => {
    const slots = slotsOf(1);
    await expect(slots.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');

    expect(slots.isFull).toBe(false);
  });

  it('says when there is a slot that nobody waits for', async () => {
    const { begun, end, all } = works(2);
    const slots = slotsOf(1);
    const running = all.map((work) => slots.run(work));
    const free = slots.untilFree().then(() => begun.length);
    end(0);
    await running[0];
    end(1);

    expect(await free).toBe(2);
    await slots.untilFree();
  });
});
