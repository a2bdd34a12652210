/** The account whose messages an outbox sends, with its session and no other. Each part is a text that is not empty, else `createOutbox` throws a TypeError. */
export interface Account {
  /** Who signed the user in: the `iss` of the ID token. */
  readonly issuer: string;
  /** Where messages go; a slash at its end makes no difference. */
  readonly baseUrl: string;
  /** The app, as it is registered there. */
  readonly clientId: string;
  /** The user signed in: the `sub` of the ID token. */
  readonly user: string;
}
