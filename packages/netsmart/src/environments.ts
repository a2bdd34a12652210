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

/** The needs and the gaps of Netsmart's servers, as far as their documentation and samples show them. */
export interface NetsmartTraits {
  readonly contentType: string;
  /** Whether `async` and `response-url` are supported by any message. */
  readonly async: boolean;
  /** The request id's header, which is accepted and returned; send an id that stays the same for a message. */
  readonly requestIdHeader: string;
  /** The elements that R4 asks for and their own sample leaves out, so that their messages have to be read leniently. */
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
