/** How long a message that is being processed already is waited for. */
export interface InFlightOptions {
  /** How long it waits before it is answered with 503. @defaultValue 20_000 */
  readonly waitMs?: number | undefined;
  /** How often the cache is asked where the first is in another process. @defaultValue 250 */
  readonly pollMs?: number | undefined;
  /** What that 503 says in `Retry-After`. @defaultValue 1 */
  readonly retryAfterSeconds?: number | undefined;
}
