import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayGoAgain, play, scenes } from './outbox-work.ts';
import type { Course } from './outbox-work.ts';
import { lawSeed } from './seed.ts';

const runs = { seed: lawSeed, numRuns: 100 };

const always = (law: (course: Course) => void): Promise<void> => fc.assert(fc.asyncProperty(scenes, async (scene) => law(await play(scene))), runs);

const arrows: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'sending', 'waiting', 'blocked', 'dead', 'uncertain', 'replied', 'rejected'],
  sending: ['pending', 'sending', 'waiting', 'accepted', 'replied', 'rejected', 'uncertain', 'dead'],
  waiting: ['pending', 'sending', 'waiting', 'uncertain', 'replied', 'rejected'],
  accepted: ['overdue', 'replied', 'rejected'],
  overdue: ['replied', 'rejected'],
  replied: [],
  rejected: ['pending'],
  uncertain: ['pending', 'replied', 'rejected'],
  blocked: ['pending', 'sending', 'waiting', 'blocked', 'dead'],
  dead: ['pending'],
};

describe('outboxes that share a store, whatever people, tabs, clocks, disks and the other side do', () => {
  it('send nothing of another account, and show nothing of it', () =>
    always(({ enqueued, transmissions, shown }) => {
      const owner = new Map(enqueued.map(({ id, user }) => [id, user]));
      for (const { id, user } of transmissions) expect(owner.get(id)).toBe(user);
      for (const [user, ids] of shown) for (const id of ids) expect(owner.get(id)).toBe(user);
    }));

  it('send a message again that may have arrived only where somebody allowed it, and none twice at once', () =>
    always(({ enqueued, transmissions, faults }) => {
      expect(faults).toEqual([]);
      for (const { id } of enqueued) {
        const own = transmissions.filter((transmission) => transmission.id === id);
        own.slice(1).forEach((transmission, place) => {
          const before = own.slice(0, place + 1).findLast((other) => !mayGoAgain(other));
          if (before) expect(transmission.allowed).toBeGreaterThan(before.allowed);
        });
      }
    }));

  it('send what follows another under the ids that the other side gave to that one, and never before', () =>
    always(({ enqueued, transmissions, given, settled }) => {
      for (const { id, after, patient } of enqueued) {
        const own = transmissions.findIndex((transmission) => transmission.id === id);
        if (own < 0 || after === undefined) continue;
        expect(transmissions[own]?.focus).toBe(given.get(patient));
        const before = transmissions.slice(0, own).filter((transmission) => transmission.id === after);
        expect(settled.has(after) || before.some(({ fate }) => /^(admits|processed|accepted)$/.test(fate))).toBe(true);
      }
    }));

  it('lose nothing that nobody took out, and move entries along the documented arrows alone', () =>
    always(({ enqueued, gone, states, moves }) => {
      for (const { id } of enqueued) expect(gone.has(id) || states.has(id)).toBe(true);
      for (const move of moves) {
        const [from = '', to = ''] = move.split(' to ');
        expect([move, arrows[from]?.includes(to)]).toEqual([move, true]);
      }
    }));

  it('tell what each message came to: the reply that was taken, and no other', () =>
    always(({ later, states }) => {
      for (const [id, { state, reason, code, canBeRead }] of states) {
        expect([state, reason, canBeRead]).toEqual([state, reason, true]);
        if (code !== undefined) expect([state, code === 'ok']).toEqual([state, state === 'replied']);
        if (later.has(id)) expect(['replied', 'rejected']).toContain(state);
      }
    }));

  it('come to rest: what is left waits for somebody, and nothing for what is processed', () =>
    always(({ enqueued, states }) => {
      for (const { id, after } of enqueued) {
        const own = states.get(id);
        if (own === undefined) continue;
        const before = after === undefined ? undefined : states.get(after)?.state;
        if (own.state === 'blocked' && own.reason?.startsWith('predecessor.') && own.reason !== 'predecessor.removed') expect(before).not.toBe('replied');
        const all = [...states.entries()];
        const isHeldBack = all.slice(0, all.findIndex(([other]) => other === id)).some(([, other]) => other.key === own.key && !/^(accepted|overdue|replied|rejected)$/.test(other.state));
        const waits = before === 'accepted' || before === 'overdue';
        if (!isHeldBack && !waits) expect(own.state).toMatch(/^(replied|rejected|accepted|overdue|uncertain|dead|blocked)$/);
        expect(own.state).not.toBe('sending');
      }
    }));
});
