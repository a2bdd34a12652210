/** One of Netsmart's servers. */
export interface NetsmartEnvironment {
  /** Where `$process-message` is. */
  readonly baseUrl: string;
  /** The authorization server of that API. */
  readonly authorizationServer: string;
}

/** Netsmart's servers of the General Purpose FHIR R4 API. */
export const environments: Readonly<Record<'production' | 'preview', NetsmartEnvironment>> = {
  production: { baseUrl: 'https://fhir.netsmartcloud.com/v4', authorizationServer: 'https://oauth.netsmartcloud.com' },
  preview: { baseUrl: 'https://fhirtest.netsmartcloud.com/v4', authorizationServer: 'https://oauthtest.netsmartcloud.com' },
};

/** What Netsmart's servers need, and what they lack, as far as their documentation and samples show. */
export interface NetsmartTraits {
  readonly contentType: string;
  /** Whether `async` and `response-url` are supported by any message. */
  readonly async: boolean;
  /** The header that is accepted and returned; send one that stays the same for a message. */
  readonly requestIdHeader: string;
  /** What their own sample leaves out though R4 asks for it, so that reading them has to be lenient. */
  readonly omits: readonly string[];
  /** Whether `resource.id` may differ from the tail of `fullUrl`: references are by `fullUrl`. */
  readonly idMayDifferFromFullUrl: boolean;
  /** The statuses of refusals, each with an OperationOutcome whose text is in `details.text`. */
  readonly refusals: readonly number[];
}

/** {@link NetsmartTraits}, as data. */
export const traits: NetsmartTraits = {
  contentType: 'application/fhir+json',
  async: false,
  requestIdHeader: 'X-Request-ID',
  omits: ['MessageHeader.id', 'MessageHeader.source', 'Bundle.timestamp'],
  idMayDifferFromFullUrl: true,
  refusals: [400, 401, 403, 404, 422],
};
