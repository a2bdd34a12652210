import { grantScopes } from './scopes.ts';

/** An app's request to the authorization server, as far as it can be answered. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  /** The scopes that will be granted. */
  readonly scope: string;
  readonly codeChallenge: string;
  readonly launch: string | undefined;
  readonly nonce: string | undefined;
}

/** Why a request is refused: on a page, or to the app where it is known which one asks. */
export interface AuthorizationRefusal {
  readonly error: string;
  readonly description: string;
  readonly redirectUri?: string | undefined;
  readonly state?: string | undefined;
}

/** Whether a URL leads to this machine, over http or https: the sandbox sends nothing anywhere else. */
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && isLoopbackHost(url.hostname);
}

/** Whether a host name is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/**
 * Reads an authorization request: `response_type=code`, `state`, PKCE by S256, and the FHIR server as `aud`.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code} Obtain authorization code
 */
export function readAuthorizationRequest(parameters: URLSearchParams, audience: readonly string[]): AuthorizationRequest | AuthorizationRefusal {
  const value = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const [clientId, redirectUri, state] = [value('client_id'), value('redirect_uri'), value('state')];
  if (!clientId) {
    return { error: 'invalid_request', description: 'client_id is missing.' };
  }
  if (redirectUri === undefined || !isLoopbackUrl(redirectUri)) {
    return { error: 'invalid_request', description: 'redirect_uri has to be an http or https URL on this machine.' };
  }
  const refuse = (error: string, description: string): AuthorizationRefusal => ({ error, description, redirectUri, state });
  if (value('response_type') !== 'code') {
    return refuse('unsupported_response_type', 'response_type has to be code.');
  }
  if (!state) {
    return refuse('invalid_request', 'state is missing.');
  }
  if (!audience.includes((value('aud') ?? '').replace(/\/+$/, ''))) {
    return refuse('invalid_request', 'aud has to be the base URL of this FHIR server.');
  }
  const codeChallenge = value('code_challenge');
  if (!codeChallenge || value('code_challenge_method') !== 'S256') {
    return refuse('invalid_request', 'PKCE is required: code_challenge with code_challenge_method=S256.');
  }
  const scope = grantScopes(value('scope') ?? '');
  if (scope === '') {
    return refuse('invalid_scope', 'None of these scopes is known.');
  }
  return { clientId, redirectUri, state, scope, codeChallenge, launch: value('launch'), nonce: value('nonce') };
}

/** Where an app's browser is sent with the answer. */
export function answerUrl(redirectUri: string, answer: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
