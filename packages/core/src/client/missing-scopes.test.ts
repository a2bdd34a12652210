import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { missingScopes } from './missing-scopes.ts';

const named = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: [], payload: { Patient: '1..1' } } as const;
const event = defineEvent({ ...named, scopes: ['patient/Messaging.write', 'user/Messaging.write'] });

describe('missingScopes', () => {
  it.each([
    'openid user/Messaging.write',
    'patient/Messaging.write',
    'user/*.write',
    'patient/Messaging.*',
    'launch  user/*.*\nprofile',
  ])('is content with %j: any one scope will do, wildcards among them', (granted) => {
    expect(missingScopes(granted, event)).toEqual([]);
  });

  it.each(['', 'openid', 'system/Messaging.write', 'user/Messaging.read', 'user/Patient.write', 'user/Messaging.write.more'])(
    'lists all of them where %j grants none',
    (granted) => {
      expect(missingScopes(granted, event)).toEqual(['patient/Messaging.write', 'user/Messaging.write']);
    },
  );

  it('misses none where the event takes none', () => {
    expect(missingScopes('', defineEvent(named))).toEqual([]);
  });

  it('compares a scope that is not of SMART letter by letter', () => {
    const own = defineEvent({ ...named, scopes: ['messages.send'] });

    expect(missingScopes('messages.send', own)).toEqual([]);
    expect(missingScopes('messages.*', own)).toEqual(['messages.send']);
  });
});
