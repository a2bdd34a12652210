/** The user of an app, and the patient. */
export interface LaunchContext {
  /** The user: a reference such as `Practitioner/nadia-holm`. */
  readonly user: string;
  /** The id of the Patient. */
  readonly patient?: string | undefined;
  /** The id of the Encounter. */
  readonly encounter?: string | undefined;
}

/** An app's scopes, for a user and a patient. */
export interface Grant extends LaunchContext {
  readonly clientId: string;
  readonly scope: string;
  /** The code that its tokens were given for. */
  readonly code?: string | undefined;
}

/** A grant that waits for its app to fetch it, bound to the app's own request. */
interface CodeGrant extends Grant {
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string | undefined;
}

/** The authorization server's memory: launches, codes, tokens. Each name is random, and says nothing. */
export interface Grants {
  startLaunch(context: LaunchContext): string;
  launchOf(launch: string): LaunchContext | undefined;
  giveCode(grant: CodeGrant): string;
  /** The grant of a code, once, for a minute; a code that comes again ends the tokens that were given for it (RFC 6749 4.1.2). */
  takeCode(code: string): CodeGrant | undefined;
  giveAccessToken(grant: Grant): string;
  grantOf(accessToken: string): Grant | undefined;
  giveRefreshToken(grant: Grant): string;
  refreshedBy(refreshToken: string): Grant | undefined;
  /** Ends one access token before its time; its refresh token lives on. */
  expire(accessToken: string): void;
  /** Ends an access token, and all refresh tokens of the same user's app. */
  endSession(accessToken: string): void;
}

/** The options of grants. */
export interface GrantsOptions {
  readonly tokenLifetimeSeconds: number;
  readonly now: () => number;
  readonly newId: () => string;
}

interface Timed<TValue> {
  readonly value: TValue;
  readonly until: number;
}

const codeLifetimeMs = 60_000;

/** Grants, empty at first. */
export function createGrants({ tokenLifetimeSeconds, now, newId }: GrantsOptions): Grants {
  const launches = new Map<string, LaunchContext>();
  const codes = new Map<string, Timed<CodeGrant>>();
  const accessTokens = new Map<string, Timed<Grant>>();
  const refreshTokens = new Map<string, Grant>();

  const keep = <TValue>(kept: Map<string, TValue>, value: TValue): string => {
    const name = newId();
    kept.set(name, value);
    return name;
  };
  const live = <TValue>(timed: Timed<TValue> | undefined): TValue | undefined => (timed && timed.until > now() ? timed.value : undefined);
  const forMs = <TValue>(value: TValue, lifetimeMs: number): Timed<TValue> => ({ value, until: now() + lifetimeMs });

  return {
    startLaunch: (context) => keep(launches, context),
    launchOf: (launch) => launches.get(launch),
    giveCode: (grant) => keep(codes, forMs(grant, codeLifetimeMs)),
    takeCode(code) {
      const grant = live(codes.get(code));
      codes.delete(code);
      for (const [name, { value }] of accessTokens) if (value.code === code) accessTokens.delete(name);
      for (const [name, value] of refreshTokens) if (value.code === code) refreshTokens.delete(name);
      return grant && { ...grant, code };
    },
    giveAccessToken: (grant) => keep(accessTokens, forMs(grant, tokenLifetimeSeconds * 1000)),
    grantOf: (accessToken) => live(accessTokens.get(accessToken)),
    giveRefreshToken: (grant) => keep(refreshTokens, grant),
    refreshedBy: (refreshToken) => refreshTokens.get(refreshToken),
    expire(accessToken) {
      const grant = accessTokens.get(accessToken)?.value;
      // Kept with its owner, since its session may be ended later.
      if (grant) accessTokens.set(accessToken, forMs(grant, 0));
    },
    endSession(accessToken) {
      const ended = accessTokens.get(accessToken)?.value;
      accessTokens.delete(accessToken);
      for (const [refreshToken, { clientId, user }] of refreshTokens) {
        if (clientId === ended?.clientId && user === ended.user) refreshTokens.delete(refreshToken);
      }
    },
  };
}
