import { parseJWTPayload } from '@medplum/core';

/** What is read of a token response beside its tokens. */
export interface TokenResponse {
  readonly patient?: string;
  readonly id_token?: string;
}

/** Whom the app was launched for, and by whom. */
export interface LaunchContext {
  readonly patientId?: string;
  /** Who signed in, by the issuer of the sign-in and the name that it gave. */
  readonly user?: string;
}

const contextOfLaunch = 'context of the launch';

/** What the launch of this tab said, over its reloads. */
export function launchContext(): LaunchContext {
  return JSON.parse(sessionStorage.getItem(contextOfLaunch) ?? '{}') as LaunchContext;
}

/** Keeps what a token response says; one that renews a token may say less. */
export function keepContext({ patient, id_token: idToken }: TokenResponse): void {
  const { iss, sub } = idToken === undefined ? {} : parseJWTPayload(idToken);
  const said = { ...(patient !== undefined && { patientId: patient }), ...(typeof sub === 'string' && { user: `${String(iss)} ${sub}` }) };
  sessionStorage.setItem(contextOfLaunch, JSON.stringify({ ...launchContext(), ...said }));
}

/** A launch begins anew: it may be for another patient, and by somebody else. */
export function forgetContext(): void {
  sessionStorage.removeItem(contextOfLaunch);
}
