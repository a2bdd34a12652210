/** What can go wrong on purpose, in the order in which the page offers it. */
export const faultKinds = [
  'delay',
  'drop-reply',
  'unreadable-reply',
  'accepted',
  'unavailable',
  'throttled',
  'refused',
  'transient-error',
  'fatal-error',
  'expired-token',
  'ended-session',
] as const;

/** One thing that can go wrong on purpose. */
export type FaultKind = (typeof faultKinds)[number];

/** A fault, and how often it strikes. */
export interface Fault {
  /**
   * `delay` answers late; `drop-reply` processes the message and breaks the connection off, `unreadable-reply` answers it with a text that is no JSON,
   * `accepted` with 202 and no more; `unavailable` is a 503, `throttled` a 429 and `refused` a 422, before processing; `transient-error` and
   * `fatal-error` are replies that say so; `expired-token` ends the request's access token, `ended-session` its refresh tokens too. The first four
   * strike only messages that are processed, and wait for the next one.
   */
  readonly kind: FaultKind;
  /** How many requests the fault strikes, `Infinity` for all until it is switched off. @defaultValue 1 */
  readonly times?: number | undefined;
  /** For `delay`, in milliseconds. @defaultValue 5000 */
  readonly delayMs?: number | undefined;
  /** For `unavailable` and `throttled`: the `Retry-After`; 0 leaves it out. @defaultValue 1 */
  readonly retryAfterSeconds?: number | undefined;
}

/** Whether a text names a fault. */
export function isFaultKind(value: unknown): value is FaultKind {
  return faultKinds.some((kind) => kind === value);
}
