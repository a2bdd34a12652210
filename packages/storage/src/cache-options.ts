/** How long a cache in a database remembers, and leases. */
export interface StoredCacheOptions {
  /** How long an outcome is remembered, in minutes. @defaultValue 1440: a day */
  readonly ttlMinutes?: number | undefined;
  /** How long a claim holds without being renewed, in milliseconds: how soon another process takes over a message left undone. @defaultValue 30_000 */
  readonly leaseMs?: number | undefined;
}

/** The options in milliseconds, with the defaults. @throws {TypeError} where one is no time. */
export function timesOf(owner: string, { ttlMinutes = 1440, leaseMs = 30_000 }: StoredCacheOptions): { minutes: number; ttlMs: number; leaseMs: number } {
  requireTime(owner, 'ttlMinutes', ttlMinutes);
  requireTime(owner, 'leaseMs', leaseMs);
  return { minutes: ttlMinutes, ttlMs: ttlMinutes * 60_000, leaseMs };
}

function requireTime(owner: string, name: string, value: unknown): void {
  if (!(typeof value === 'number' && value > 0 && value < Infinity)) {
    throw new TypeError(`${owner}: ${name} is a number finite, and above 0.`);
  }
}

/** Expired rows are deleted each time that this many claims were taken, at most ten times as many at once. */
export const claimsPerPurge = 100;
