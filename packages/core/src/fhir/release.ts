/** A FHIR release that the SDK writes and checks. */
export type Release = 'R4' | 'R4B' | 'R5';

/** Where the releases differ, as far as messaging is concerned. */
export interface ReleaseRules {
  /** The member that names the event when it is no Coding. */
  readonly eventUri: 'eventUri' | 'eventCanonical';
  /** The member that holds an address in `source` and `destination`. */
  readonly endpoint: 'endpoint' | 'endpointUrl';
  /** A second form of that address, where the release has one. */
  readonly endpointReference: 'endpointReference' | undefined;
  /** Whether `source` and each `destination` must say their address. */
  readonly endpointRequired: boolean;
  /** The type of `MessageHeader.response.identifier`, which is that of the id it quotes (messaging.html#identification). */
  readonly responseIdentifier: 'id' | 'Identifier';
  /** The id that names a message: its header's in R4, its Bundle's identifier in R5. */
  readonly identity: 'MessageHeader.id' | 'Bundle.identifier';
  /** The rule that forbids `entry.request`, and the one that forbids `entry.response`. */
  readonly entryRequest: 'bdl-3' | 'bdl-3a';
  readonly entryResponse: 'bdl-4' | 'bdl-3a';
  /** The rule by which every entry has a `fullUrl`: R5 as an invariant, R4 in the definition of the element. */
  readonly fullUrlRequired: 'bdl-15' | 'fullUrl.missing';
  /** Whether MessageHeader has an `enterer`. */
  readonly enterer: boolean;
  /** Whether a Bundle may have `issues`. */
  readonly bundleIssues: boolean;
}

const r4: ReleaseRules = {
  eventUri: 'eventUri',
  endpoint: 'endpoint',
  endpointReference: undefined,
  endpointRequired: true,
  responseIdentifier: 'id',
  identity: 'MessageHeader.id',
  entryRequest: 'bdl-3',
  entryResponse: 'bdl-4',
  fullUrlRequired: 'fullUrl.missing',
  enterer: true,
  bundleIssues: false,
};

const r5: ReleaseRules = {
  eventUri: 'eventCanonical',
  endpoint: 'endpointUrl',
  endpointReference: 'endpointReference',
  endpointRequired: false,
  responseIdentifier: 'Identifier',
  identity: 'Bundle.identifier',
  entryRequest: 'bdl-3a',
  entryResponse: 'bdl-3a',
  fullUrlRequired: 'bdl-15',
  enterer: false,
  bundleIssues: true,
};

/** The one table of differences between releases; for messaging R4 and R4B are the same. */
export const releases: Readonly<Record<Release, ReleaseRules>> = { R4: r4, R4B: r4, R5: r5 };
