/** A `fetch` that checks the very address that it connects to, such as `publicFetch` of `@fhir-messaging/receiver/node`. */
export type AddressCheckingFetch = typeof fetch & { readonly checksAddresses: true };

/** What is known of a reply when its headers are asked for. */
export interface ReplyPosting {
  /** Whose message is replied to, as authenticated. */
  readonly sender: string | undefined;
  /** Where the reply goes; the origin of it is on the sender's list. */
  readonly url: string;
}

/** Where, and how, the replies of asynchronous exchanges are posted. */
export interface ReplyTo {
  /**
   * The origins that replies to a sender may be posted to, such as `https://app.example.org:8443`; none for a sender that gets no
   * asynchronous reply.
   *
   * `https://*.example.org`, for every host below, counts with a `fetch` that checks addresses, and with any other for nothing: a name that
   * its sender points at an address of yours would not be found out.
   */
  readonly origins: (sender: string | undefined) => readonly string[] | Promise<readonly string[]>;
  /** @defaultValue the platform's, which goes wherever a name on the list leads */
  readonly fetch?: typeof fetch | AddressCheckingFetch | undefined;
  /** Headers of each posting, authorization among them where the application wants one. @defaultValue none: no credential goes with a reply */
  readonly headers?: ((posting: ReplyPosting) => HeadersInit | Promise<HeadersInit>) | undefined;
}
