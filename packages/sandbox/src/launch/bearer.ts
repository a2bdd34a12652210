import { outcome } from '../http/outcome.ts';
import type { Grant, Grants } from './grants.ts';

/** A request's access token, where it has one. */
export function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** The grant of a request's token, or the 401 for a request with none, or with one that is over. */
export function grantOfRequest(request: Request, grants: Grants): Grant | Response {
  const token = bearerOf(request);
  const grant = token === undefined ? undefined : grants.grantOf(token);
  return grant ?? unauthorized(token === undefined ? 'A request needs an access token.' : 'The access token is unknown or expired.');
}

/** Says that a token is needed, as RFC 6750 3 does. */
function unauthorized(diagnostics: string): Response {
  return outcome(401, 'login', diagnostics, { 'www-authenticate': 'Bearer error="invalid_token"' });
}

/** Says that the token's scopes do not reach so far. */
export function insufficientScope(scope: string): Response {
  return outcome(403, 'forbidden', `This takes the scope ${scope}.`, { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` });
}
