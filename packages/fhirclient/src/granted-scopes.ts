import type { SmartClient } from './smart-client.ts';

/**
 * The scopes that a client was granted, separated by blanks, for `missingScopes`: those of the token response, or the requested ones where it has no
 * `scope`, which by OAuth means the same.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1} OAuth 2.0, `scope` of a successful response
 */
export function grantedScopes({ state }: SmartClient): string {
  return state.tokenResponse?.scope ?? state.scope ?? '';
}
