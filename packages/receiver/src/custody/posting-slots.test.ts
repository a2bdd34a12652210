import { expect, it } from 'vitest';
import { postingSlots } from './posting-slots.ts';

it('lets postings to one origin take half of the slots, and those to others the rest', async () => {
  const slots = postingSlots(4);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const post = (url: string): Promise<void> =>
    slots.run(url, () => {
      begun.push(new URL(url).host);
      return new Promise((resolve) => ends.push(resolve));
    });
  const posting = [1, 2, 3, 4, 5].map((number) => post(`https://away.example.org/${number}`));
  expect([begun.length, slots.isFullFor('https://away.example.org/'), slots.isFullFor('https://app.example.org/')]).toEqual([2, true, false]);
  posting.push(post('https://app.example.org/'), post('https://ward.example.org/'));
  await new Promise(setImmediate);

  expect(begun.slice(2)).toEqual(['app.example.org', 'ward.example.org']);
  expect(slots.isFullFor('https://lab.example.org/')).toBe(true);
  for (let turn = 0; turn < posting.length; turn += 1) {
    ends[turn]?.();
    await new Promise(setImmediate);
  }
  await Promise.all(posting);
  expect([begun.length, slots.isFullFor('https://away.example.org/')]).toEqual([7, false]);
});
