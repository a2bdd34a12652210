import { describe, expect, it } from 'vitest';
import { grantedScopes } from './granted-scopes.ts';
import type { SmartClient } from './smart-client.ts';

const withState = (state: Omit<SmartClient['state'], 'serverUrl'>): SmartClient => ({
  state: { serverUrl: 'https://ehr.example.org/r4', ...state },
  getAuthorizationHeader: () => null,
  refreshIfNeeded: () => Promise.resolve(),
});

describe('grantedScopes', () => {
  it('is what the token response grants, and not what was asked for', () => {
    expect(grantedScopes(withState({ scope: 'user/*.*', tokenResponse: { scope: 'user/Messaging.write' } }))).toBe('user/Messaging.write');
    expect(grantedScopes(withState({ scope: 'user/*.*', tokenResponse: { scope: '' } }))).toBe('');
  });

  it('is what was asked for where the token response names none, since then all of it was granted (RFC 6749, 5.1)', () => {
    expect(grantedScopes(withState({ scope: 'user/*.*', tokenResponse: {} }))).toBe('user/*.*');
  });

  it('is nothing where nobody was asked', () => {
    expect(grantedScopes(withState({}))).toBe('');
  });
});
