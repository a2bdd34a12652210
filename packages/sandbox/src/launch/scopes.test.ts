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

describe('an access', () => {
  it.each([
    ['user/*.read', 'Patient', 'read', 'user'],
    ['patient/Patient.read', 'Patient', 'read', 'patient'],
    ['patient/*.read user/Patient.read', 'Patient', 'read', 'user'],
    ['user/Patient.rs', 'Patient', 'read', 'user'],
    ['user/Patient.cud', 'Patient', 'write', 'user'],
    ['user/Patient.r', 'Patient', 'write', undefined],
    ['user/Observation.read', 'Patient', 'read', undefined],
    ['user/Patient.read', 'Patient', 'write', undefined],
    ['openid launch', 'Patient', 'read', undefined],
  ] as const)('by %j to %s: %s is for %s', (granted, type, access, by) => {
    expect(allowedBy(granted, type, access)).toBe(by);
  });
});
