/** How long a cache in a database remembers, and leases. */
export interface StoredCacheOptions {
  /** How long an outcome is remembered, in minutes: at most a thousand years, which any longer finite time counts as. @defaultValue 1440: a day */
  readonly ttlMinutes?: number | undefined;
  /** How long a claim holds without being renewed, in milliseconds: how soon another process takes over a message left undone. @defaultValue 30_000 */
  readonly leaseMs?: number | undefined;
}

/** A thousand years: PostgreSQL knows no time much more than six thousand before now. */
const longestMinutes = 1000 * 365 * 24 * 60;

/** The options in milliseconds, with the defaults. @throws {TypeError} where one is no time. */
export function timesOf(owner: string, { ttlMinutes = 1440, leaseMs = 30_000 }: StoredCacheOptions): { minutes: number; ttlMs: number; leaseMs: number } {
  requireTime(owner, 'ttlMinutes', ttlMinutes);
  requireTime(owner, 'leaseMs', leaseMs);
  const minutes = Math.min(ttlMinutes, longestMinutes);
  return { minutes, ttlMs: minutes * 60_000, leaseMs };
}

function requireTime(owner: string, name: string, value: unknown): void {
  if (!(typeof value === 'number' && value > 0 && value < Infinity)) {
    throw new TypeError(`${owner}: ${name} is a number finite, and above 0.`);
  }
}

/** Expired rows are deleted each time that this many claims were taken, at most ten times as many at once. */
export const claimsPerPurge = 100;
