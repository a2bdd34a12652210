import { describe, expect, it } from 'vitest';
import { isIssueSeverity, isResponseCode } from './codes.ts';
import { isError } from './issue.ts';
import { releases } from './release.ts';

describe('isResponseCode', () => {
  it("knows FHIR's three codes and no other (response-code)", () => {
    expect(['ok', 'transient-error', 'fatal-error'].every(isResponseCode)).toBe(true);
    expect(['OK', 'error', '', undefined, 5, 'constructor'].some(isResponseCode)).toBe(false);
  });
});

describe('isIssueSeverity', () => {
  it("knows FHIR's severities (issue-severity)", () => {
    expect(['fatal', 'error', 'warning', 'information'].every(isIssueSeverity)).toBe(true);
    expect(['success', 'Error', '', null].some(isIssueSeverity)).toBe(false);
  });
});

describe('isError', () => {
  it.each([
    ['fatal', true],
    ['error', true],
    ['warning', false],
    ['information', false],
  ] as const)('of %s is %s (issue-severity)', (severity, answer) => {
    expect(isError({ severity, code: 'invalid' })).toBe(answer);
  });
});

describe('releases', () => {
  it('reads R4B as R4, as far as messaging goes', () => {
    expect(releases.R4B).toBe(releases.R4);
  });

  it('names where R5 differs (bdl-3a, bdl-15, messaging.html#identification)', () => {
    expect(releases.R5).toMatchObject({
      eventUri: 'eventCanonical',
      endpoint: 'endpointUrl',
      endpointReference: 'endpointReference',
      endpointRequired: false,
      responseIdentifier: 'Identifier',
      identity: 'Bundle.identifier',
      entryRequest: 'bdl-3a',
      entryResponse: 'bdl-3a',
      fullUrlRequired: 'bdl-15',
    });
  });
});
