import type { Grant, Grants } from './grants.ts';
import type { IdTokenSigner } from './id-token.ts';
import { challengeOf } from './pkce.ts';
import { scopesIn } from './scopes.ts';
import type { Addresses } from './smart-configuration.ts';

/** The parts that issue tokens. */
export interface TokenIssuing extends Addresses {
  readonly grants: Grants;
  readonly signer: IdTokenSigner;
  readonly tokenLifetimeSeconds: number;
  readonly now: () => number;
}

/** A SMART token response. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly patient?: string;
  readonly encounter?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

/** Why there is no token, by RFC 6749 5.2. */
export interface TokenError {
  readonly error: 'invalid_request' | 'invalid_grant' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type';
  readonly error_description: string;
}

/**
 * Answers a request to the token endpoint: a code, or a refresh token, becomes an access token.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-access-token} Obtain access token
 */
export async function answerTokenRequest(form: URLSearchParams, authorization: string | null, issuing: TokenIssuing): Promise<TokenResponse | TokenError> {
  const clientId = form.get('client_id') ?? clientOfBasic(authorization);
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const grant = issuing.grants.takeCode(form.get('code') ?? '');
      if (grant === undefined || grant.clientId !== clientId || grant.redirectUri !== form.get('redirect_uri')) {
        return { error: 'invalid_grant', error_description: 'The code is unknown, used, expired, or of another app or redirect_uri.' };
      }
      if ((await challengeOf(form.get('code_verifier') ?? '')) !== grant.codeChallenge) {
        return { error: 'invalid_grant', error_description: 'code_verifier does not fit the code_challenge (PKCE, S256).' };
      }
      return issueTokens(grant, issuing, { nonce: grant.nonce });
    }
    case 'refresh_token': {
      const refreshToken = form.get('refresh_token') ?? '';
      const grant = issuing.grants.refreshedBy(refreshToken);
      if (grant === undefined || (clientId !== undefined && grant.clientId !== clientId)) {
        return { error: 'invalid_grant', error_description: 'The refresh token is unknown, or of another app.' };
      }
      const scope = form.get('scope') ?? grant.scope;
      const granted = scopesIn(grant.scope);
      if (scopesIn(scope).some((wanted) => !granted.includes(wanted))) {
        return { error: 'invalid_scope', error_description: 'A refresh gives no scope that was not granted.' };
      }
      return issueTokens({ ...grant, scope }, issuing, { refreshToken });
    }
    default:
      return { error: 'unsupported_grant_type', error_description: 'grant_type has to be authorization_code or refresh_token.' };
  }
}

/** Issues the tokens of a grant, as its scopes say. */
export async function issueTokens(grant: Grant, issuing: TokenIssuing, more: { readonly refreshToken?: string; readonly nonce?: string | undefined } = {}): Promise<TokenResponse> {
  const { grants, tokenLifetimeSeconds } = issuing;
  const scopes = scopesIn(grant.scope);
  const mayRefresh = scopes.includes('offline_access') || scopes.includes('online_access');
  return {
    access_token: grants.giveAccessToken(grant),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    scope: grant.scope,
    ...(grant.patient !== undefined && { patient: grant.patient }),
    ...(grant.encounter !== undefined && { encounter: grant.encounter }),
    ...(mayRefresh && { refresh_token: more.refreshToken ?? grants.giveRefreshToken(grant) }),
    ...(scopes.includes('openid') && { id_token: await idToken(grant, scopes, issuing, more.nonce) }),
  };
}

function idToken({ user, clientId }: Grant, scopes: readonly string[], { signer, origin, baseUrl, tokenLifetimeSeconds, now }: TokenIssuing, nonce: string | undefined): Promise<string> {
  const seconds = Math.floor(now() / 1000);
  return signer.sign({
    iss: origin,
    sub: user,
    aud: clientId,
    iat: seconds,
    exp: seconds + tokenLifetimeSeconds,
    ...(nonce !== undefined && { nonce }),
    ...((scopes.includes('fhirUser') || scopes.includes('profile')) && { fhirUser: `${baseUrl}/${user}` }),
  });
}

/** The client's id in Basic credentials, where it is encoded as in a form (RFC 6749 2.3.1); any secret will do, since there are no accounts. */
function clientOfBasic(authorization: string | null): string | undefined {
  const [, credentials] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
  try {
    return credentials === undefined ? undefined : decodeURIComponent((atob(credentials).split(':')[0] ?? '').replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
