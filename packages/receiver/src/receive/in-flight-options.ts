/** How long a resend waits for its first message while that is being processed. */
export interface InFlightOptions {
  /** How long the resend waits before it is answered with 503, in milliseconds. @defaultValue 20_000 */
  readonly waitMs?: number | undefined;
  /** How often the cache is asked, in milliseconds, where the first message is in another process. @defaultValue 250 */
  readonly pollMs?: number | undefined;
  /** The `Retry-After` of that 503, in seconds. @defaultValue 1 */
  readonly retryAfterSeconds?: number | undefined;
}
