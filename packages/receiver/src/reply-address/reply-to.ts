import type { HeadersLike } from '@fhir-messaging/core';

/** A `fetch` that checks the very address that it connects to, such as `publicFetch` of `@fhir-messaging/receiver/node`. */
export type AddressCheckingFetch = typeof fetch & { readonly checksAddresses: true };

/** The facts of a reply for its headers. */
export interface ReplyPosting {
  /** The authenticated sender whose message is replied to. */
  readonly sender: string | undefined;
  /** Where the reply goes; its origin is on the sender's list. */
  readonly url: string;
}

/** Where, and how, the replies of asynchronous exchanges are posted. */
export interface ReplyTo {
  /**
   * The origins that replies to a sender may be posted to, such as `https://app.example.org:8443`; none for a sender that gets no
   * asynchronous reply. An entry that is not exactly an origin, such as one with a path, allows nothing, and `onError` is told of it once.
   *
   * `https://*.example.org`, for every host below it, counts only with a `fetch` that checks addresses: any other would not notice a name that its
   * owner points at an address of yours.
   */
  readonly origins: (sender: string | undefined) => readonly string[] | Promise<readonly string[]>;
  /** @defaultValue the platform's, which goes wherever a name on the list leads */
  readonly fetch?: typeof fetch | AddressCheckingFetch | undefined;
  /** Headers of each posting, authorization among them where the application wants one. @defaultValue none: no credential goes with a reply */
  readonly headers?: ((posting: ReplyPosting) => HeadersLike | Promise<HeadersLike>) | undefined;
  /** The status that answers an accepted message. @defaultValue 200, as the operation says */
  readonly acceptedStatus?: 200 | 202 | undefined;
  /** Lets messages be accepted that end with the process, where the cache is not durable. @defaultValue false */
  readonly allowVolatileCustody?: boolean | undefined;
  /**
   * How long an accepted message is worth processing and answering, in minutes; `onError` is told of one that is not processed, or whose reply is not
   * taken, by then, unless no process takes it up any more: the cache then deletes it (storage). @defaultValue 1440, a day
   */
  readonly expiresAfterMinutes?: number | undefined;
  /** The bound below which the wait before a second posting is drawn, in milliseconds; it doubles with each posting. @defaultValue 1_000 */
  readonly initialDelayMs?: number | undefined;
  /** The longest wait before a reply is posted again, `Retry-After` included, in milliseconds. @defaultValue 300_000 */
  readonly maxDelayMs?: number | undefined;
  /** How long one posting may take, `origins` and `headers` included, in milliseconds. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
  /** How many accepted messages are processed at once; as many replies are posted at once, at most half of them to one origin. @defaultValue 20 */
  readonly maxConcurrent?: number | undefined;
  /** How often the cache is asked for messages that nobody finished, in milliseconds. @defaultValue 15_000 */
  readonly resumeEveryMs?: number | undefined;
  /** A number in [0, 1) that waits are drawn with; for tests. */
  readonly random?: (() => number) | undefined;
}

/** The application's options as they are, methods of a class among them, and its `origins` as they are checked. */
export interface CheckedReplyTo {
  readonly replyTo: ReplyTo;
  readonly origins: ReplyTo['origins'];
}
