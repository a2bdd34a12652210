import { describe, expect, it } from 'vitest';
import { allowedBy, grantScopes } from './scopes.ts';

describe('scopes that are granted', () => {
  it.each([
    ['launch openid fhirUser offline_access', 'launch openid fhirUser offline_access'],
    ['user/Messaging.write patient/*.read user/Patient.rs', 'user/Messaging.write patient/*.read user/Patient.rs'],
    ['user/*.* user/Patient.cruds', 'user/*.* user/Patient.cruds'],
    ['system/*.read anything user/Patient. user/patient.read', ''],
    ['launch  launch', 'launch'],
  ])('of %j are %j', (requested, granted) => {
    expect(grantScopes(requested)).toBe(granted);
  });
});

describe('an interaction', () => {
  it.each([
    ['user/*.read', 'Patient', 'read', 'user'],
    ['user/*.read', 'Patient', 'search', 'user'],
    ['patient/Patient.read', 'Patient', 'read', 'patient'],
    ['patient/*.read user/Patient.read', 'Patient', 'read', 'user'],
    ['user/Patient.rs', 'Patient', 'search', 'user'],
    ['user/Patient.r', 'Patient', 'read', 'user'],
    ['user/Patient.r', 'Patient', 'search', undefined],
    ['user/Patient.s', 'Patient', 'search', 'user'],
    ['user/Patient.cud', 'Patient', 'update', 'user'],
    ['user/Patient.c', 'Patient', 'create', 'user'],
    ['user/Patient.c', 'Patient', 'delete', undefined],
    ['user/Patient.write', 'Patient', 'delete', 'user'],
    ['user/Patient.r', 'Patient', 'create', undefined],
    ['user/Observation.read', 'Patient', 'read', undefined],
    ['user/Patient.read', 'Patient', 'update', undefined],
    ['openid launch', 'Patient', 'read', undefined],
  ] as const)('by %j with %s: %s is for %s', (granted, type, interaction, by) => {
    expect(allowedBy(granted, type, interaction)).toBe(by);
  });
});
