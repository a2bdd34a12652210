import { bars, r4, r5 } from '@fhir-messaging/core';
import type { CacheRecord, IdentityStrategy, MessageCategory } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { verdictOn } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const outcome = { status: 200, reply: undefined, issues: [] };

/** A transmission: `m1 e1 content` is message m1 in envelope e1; `-` is no envelope id. */
function transmission(text: string): { key: CacheRecord['key']; digest: string } {
  const [message = '', envelope = '', digest = 'c'] = text.split(' ');
  return { key: { sender: 's', message, envelope: envelope === '-' ? undefined : envelope }, digest };
}

function told(arriving: string, known: readonly string[], category: MessageCategory, strategy: IdentityStrategy): string {
  const seen = known.map((text) => ({ ...transmission(text), token: text, fence: 1, isLeased: false, outcome }));
  const verdict: Verdict = verdictOn({ ...transmission(arriving), category, strategy, seen });
  return verdict.kind === 'known' ? `as ${verdict.record.token}` : verdict.kind;
}

const categories: readonly MessageCategory[] = ['consequence', 'currency', 'notification'];

describe('verdictOn, R4: by MessageHeader.id and Bundle.id', () => {
  it.each(categories)('new and new: a %s is processed', (category) => {
    expect(told('m1 e1', [], category, r4)).toBe('process');
    expect(told('m2 e2', ['m1 e1'], category, r4)).toBe('process');
  });

  it.each(categories)('seen as this pair: a %s is answered with the original reply', (category) => {
    expect(told('m1 e1', ['m1 e1'], category, r4)).toBe('as m1 e1');
    expect(told('m1 e2', ['m1 e1', 'm1 e2'], category, r4)).toBe('as m1 e2');
  });

  it('seen in a new envelope: a consequence is answered with the original reply, never silently processed again (4.3 f)', () => {
    expect(told('m1 e2', ['m1 e1'], 'consequence', r4)).toBe('as m1 e1');
    expect(told('m1 e3', ['m1 e1', 'm1 e2'], 'consequence', r4)).toBe('as m1 e1');
  });

  it.each(['currency', 'notification'] as const)('seen in a new envelope: a %s is processed again', (category) => {
    expect(told('m1 e2', ['m1 e1'], category, r4)).toBe('process');
  });

  it.each(categories)('a new message in a seen envelope is an error: %s', (category) => {
    expect(told('m2 e1', ['m1 e1'], category, r4)).toBe('envelope-reused');
  });

  it.each(categories)('both seen, but not as a pair, is an error: %s', (category) => {
    expect(told('m1 e2', ['m1 e1', 'm2 e2'], category, r4)).toBe('envelope-reused');
  });

  it.each(categories)('a seen message with other content is refused (4.3 g): %s', (category) => {
    expect(told('m1 e1 other', ['m1 e1'], category, r4)).toBe('other-content');
    expect(told('m1 e2 other', ['m1 e1'], category, r4)).toBe('other-content');
  });

  it.each([['consequence', 'as m1 -'], ['currency', 'process'], ['notification', 'process']] as const)(
    'without a Bundle.id transmissions cannot be told apart: a %s is answered %s',
    (category, expected) => {
      expect(told('m1 -', ['m1 -'], category, r4)).toBe(expected);
      expect(told('m1 -', [], category, r4)).toBe('process');
      expect(told('m2 -', ['m1 -'], category, r4)).toBe('process');
    },
  );

  it('what is being processed counts as seen (4.3 a)', () => {
    const record = { ...transmission('m1 e1'), token: 't', fence: 1, isLeased: true, outcome: undefined };

    expect(verdictOn({ ...transmission('m1 e1'), category: 'consequence', strategy: r4, seen: [record] })).toEqual({ kind: 'known', record });
  });

  describe('what was being processed, and nobody holds any more', () => {
    const record = { ...transmission('m1 e1'), token: 't', fence: 1, isLeased: false, outcome: undefined };
    const toldOf = (arriving: string, category: MessageCategory): Verdict => verdictOn({ ...transmission(arriving), category, strategy: r4, seen: [record] });

    it.each(categories)('is processed in its place: a %s', (category) => {
      expect(toldOf('m1 e1', category)).toEqual({ kind: 'abandoned', record });
    });

    it('in a new envelope: a consequence in its place, all else on its own', () => {
      expect(toldOf('m1 e2', 'consequence')).toEqual({ kind: 'abandoned', record });
      expect(toldOf('m1 e2', 'currency')).toEqual({ kind: 'process' });
    });

    it('with other content is refused all the same', () => {
      expect(toldOf('m1 e1 other', 'consequence')).toEqual({ kind: 'other-content' });
      expect(toldOf('m2 e1', 'consequence')).toEqual({ kind: 'envelope-reused' });
    });
  });
});

describe('verdictOn, R5: by Bundle.identifier', () => {
  it.each(categories)('new: a %s is processed', (category) => {
    expect(told('m1 -', [], category, r5)).toBe('process');
    expect(told('m2 -', ['m1 -'], category, r5)).toBe('process');
  });

  it.each(categories)('seen: a %s is answered with the original reply', (category) => {
    expect(told('m1 -', ['m1 -'], category, r5)).toBe('as m1 -');
  });

  it.each(categories)('seen with other content is refused: %s', (category) => {
    expect(told('m1 - other', ['m1 -'], category, r5)).toBe('other-content');
  });
});

describe('verdictOn, where Bundle.id names message and envelope both (BaRS, Netsmart)', () => {
  it.each(categories)('seen is the same pair: a %s is answered as before', (category) => {
    expect(told('b1 b1', ['b1 b1'], category, bars)).toBe('as b1 b1');
    expect(told('b2 b2', ['b1 b1'], category, bars)).toBe('process');
    expect(told('b1 b1 other', ['b1 b1'], category, bars)).toBe('other-content');
  });
});
