import { describe, expect, it } from 'vitest';
import { allowsTarget } from './reply-targets.ts';

describe('where a reply may go', () => {
  it('is nowhere without a list', () => {
    expect(allowsTarget(undefined, 'replies', undefined)).toBe(false);
    expect(allowsTarget([], 'replies', undefined)).toBe(false);
  });

  it.each(['replies', 'fhir.replies.1', 'fhir.replies.'])('is on the list: %s', (target) => {
    expect(allowsTarget(['replies', 'fhir.replies.*'], target, undefined)).toBe(true);
  });

  it.each(['Replies', 'replies2', 'my.fhir.replies.1', 'fhir.replies', '*', ''])('is not on the list: %j', (target) => {
    expect(allowsTarget(['replies', 'fhir.replies.*'], target, undefined)).toBe(false);
  });

  it('a star alone lets nothing be but a target of that name', () => {
    expect(allowsTarget(['*'], 'anywhere', undefined)).toBe(false);
  });

  it('a function decides by the target and its sender', () => {
    const targets = (target: string, sender: string | undefined): boolean => target === `replies.${sender}`;
    expect(allowsTarget(targets, 'replies.ward', 'ward')).toBe(true);
    expect(allowsTarget(targets, 'replies.ward', 'app')).toBe(false);
  });
});
