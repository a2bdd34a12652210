import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { missingScopes } from './missing-scopes.ts';

const named = { coding: { system: 'https://example.org/events', code: 'e' }, category: 'notification', focus: [], payload: { Patient: '1..1' } } as const;
const event = defineEvent({ ...named, scopes: ['patient/Messaging.write', 'user/Messaging.write'] });

const isCoveredOrNot = (granted: string, wanted: string, isCovered: boolean): void => {
  expect(missingScopes(granted, defineEvent({ ...named, scopes: [wanted] }))).toEqual(isCovered ? [] : [wanted]);
};

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

  it.each([
    ['user/Messaging.cud', 'user/Messaging.write', true],
    ['user/Messaging.cruds', 'user/Messaging.write', true],
    ['user/*.cud', 'user/Messaging.write', true],
    ['user/Messaging.c', 'user/Messaging.write', false],
    ['user/Messaging.rs', 'user/Messaging.write', false],
    ['user/Messaging.rs', 'user/Messaging.read', true],
    ['user/Messaging.r', 'user/Messaging.read', false],
    ['user/Messaging.write', 'user/Messaging.c', true],
    ['user/Messaging.read', 'user/Messaging.s', true],
    ['user/Messaging.write', 'user/Messaging.r', false],
    ['user/Messaging.*', 'user/Messaging.cruds', true],
    ['user/Messaging.cruds', 'user/Messaging.*', true],
    ['user/Messaging.cud', 'user/Messaging.*', false],
    ['patient/Messaging.cud', 'user/Messaging.write', false],
    ['user/Messaging.cud?status=final', 'user/Messaging.write', false],
    ['user/Messaging.dc', 'user/Messaging.c', false],
    ['user/Messaging.', 'user/Messaging.c', false],
    ['user/Messaging.c user/Messaging.u user/Messaging.d', 'user/Messaging.write', true],
    ['user/Messaging.read user/*.write', 'user/Messaging.*', true],
    ['user/Messaging.c patient/Messaging.ud', 'user/Messaging.write', false],
    ['user/Messaging.c user/Patient.ud', 'user/Messaging.write', false],
  ])('SMART version 2: %s for %s: %s', isCoveredOrNot);

  it.each([
    ['user/Observation.rs', 'user/Observation.rs?category=lab', true],
    ['user/Observation.r user/Observation.s?category=lab', 'user/Observation.rs?category=lab', true],
    ['user/Observation.rs?category=lab', 'user/Observation.rs?category=lab', true],
    ['user/Observation.rs?category=vital', 'user/Observation.rs?category=lab', false],
    ['user/Observation.r?category=lab', 'user/Observation.rs?category=lab', false],
    ['user/Observation.rs?category=lab', 'user/Observation.rs', false],
    ['user/Observation.r user/Observation.s?category=lab', 'user/Observation.rs', false],
  ])('a query narrows: %s for %s: %s', isCoveredOrNot);

  it.each([
    ['patient/Messaging.write user/Messaging.write', 'Messaging.write', true],
    ['system/*.cruds', 'Messaging.write', true],
    ['Messaging.write', 'Messaging.write', true],
    ['user/Messaging.c system/Messaging.ud', 'Messaging.write', false],
    ['user/Messaging.read', 'Messaging.write', false],
    ['Messaging.write', 'user/Messaging.write', false],
    ['user/*.*', 'messages.read', false],
  ])('a scope that names no context is covered in any one: %s for %s: %s', isCoveredOrNot);

  it('misses none where the event takes none', () => {
    expect(missingScopes('', defineEvent(named))).toEqual([]);
  });

  it('compares a scope that is not of SMART letter by letter', () => {
    const own = defineEvent({ ...named, scopes: ['messages.send'] });

    expect(missingScopes('messages.send', own)).toEqual([]);
    expect(missingScopes('messages.*', own)).toEqual(['messages.send']);
  });
});
