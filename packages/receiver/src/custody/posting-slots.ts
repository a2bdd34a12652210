import { slotsOf } from './slots.ts';
import type { Slots } from './slots.ts';

/** A number of postings that may go on at once. */
export interface PostingSlots {
  /** Whether a posting to this address would have to wait. */
  isFullFor(url: string): boolean;
  /** Posts as soon as there is a slot for it. */
  run<T>(url: string, post: () => Promise<T>): Promise<T>;
}

/** Slots for postings, of which one origin takes no more than half: an origin that does not answer keeps no other waiting. */
export function postingSlots(count: number): PostingSlots {
  const all = slotsOf(count);
  const byOrigin = new Map<string, Slots>();
  return {
    isFullFor: (url) => all.isFull || byOrigin.get(new URL(url).origin)?.isFull === true,
    async run(url, post) {
      const { origin } = new URL(url);
      const own = byOrigin.get(origin) ?? slotsOf(Math.ceil(count / 2));
      byOrigin.set(origin, own);
      try {
        return await own.run(() => all.run(post));
      } finally {
        if (own.isIdle) {
          byOrigin.delete(origin);
        }
      }
    },
  };
}
