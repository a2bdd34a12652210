import type { FhirResource as FhirResourceR4 } from 'fhir/r4';
import type { FhirResource as FhirResourceR4B } from 'fhir/r4b';
import type { FhirResource as FhirResourceR5 } from 'fhir/r5';
import type { MessageCategory, ResponseRequest } from '../fhir/codes.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';

/** Every resource type of R4, R4B and R5. */
export type ResourceTypeName = (FhirResourceR4 | FhirResourceR4B | FhirResourceR5)['resourceType'];

/** A Coding that names an event. */
export interface EventCoding {
  readonly system: string;
  readonly code: string;
  readonly version?: string | undefined;
  readonly display?: string | undefined;
}

/** A rule of one event, beyond cardinalities; it gives an issue for each breach, with a `rule` id of its own. */
export type EventRule<TResource extends Resource = Resource> = {
  check(graph: BundleGraph<TResource>): readonly Issue[];
}['check'];

/** The contract of one message type, as a literal. */
export interface EventTable {
  /** The event as a Coding; an event has either this or `uri`. */
  readonly coding?: EventCoding | undefined;
  /** The event as a URI: `eventUri` in R4, `eventCanonical` in R5. */
  readonly uri?: string | undefined;
  /** The meaning of a second processing, which decides how the message may be sent again. */
  readonly category: MessageCategory;
  /** The resource types of `MessageHeader.focus`, which lists all resources of them. */
  readonly focus: readonly string[];
  /** How often each resource type may stand in the message, the MessageHeader aside. */
  readonly payload: { readonly [type: string]: string };
  /** Whether resources of other types may be in the message. @defaultValue false */
  readonly otherResources?: boolean | undefined;
  /** Whether each resource has to be referred to by another one, the header's focus included. @defaultValue false */
  readonly everyResourceReferenced?: boolean | undefined;
  /** Further rules; each says the type of its parameter: `(graph: BundleGraph) => ...`. */
  readonly rules?: readonly EventRule[] | undefined;
  /** The SMART scopes that sending it takes; any one of them will do. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Resources that refer to the focus and belong to the message, as `_revinclude` writes them: `Type:parameter`, of types of the payload. `assemble`
   * searches for them; no message is checked for them. @defaultValue none
   */
  readonly revinclude?: readonly string[] | undefined;
  /** When a reply message is expected. @defaultValue 'always' */
  readonly reply?: ResponseRequest | undefined;
}

/**
 * The contract of one message type, as `defineEvent` gives it: frozen data that carries its types.
 *
 * An exported event is annotated `EventContract<typeof table>`, its table `as const`.
 */
export interface EventContract<TTable extends EventTable = EventTable, TResource extends Resource = FhirResourceR4> {
  readonly coding: EventCoding | undefined;
  readonly uri: string | undefined;
  readonly category: MessageCategory;
  readonly focus: readonly string[];
  readonly payload: TTable['payload'];
  readonly otherResources: boolean;
  readonly everyResourceReferenced: boolean;
  readonly rules: readonly EventRule<TResource>[];
  readonly scopes: readonly string[];
  readonly revinclude: readonly string[];
  readonly reply: ResponseRequest;
  /** The given table, where the types come from; at run time the frozen members beside it count. */
  readonly table: TTable;
  /**
   * The same contract over another union of resources: R5's, or Medplum's.
   *
   * @example const event = submitServiceRequest.for<fhir5.FhirResource>();
   */
  for<TOther extends Resource>(): EventContract<TTable, TOther>;
}

/** Any contract at all. */
export type AnyEvent = EventContract<EventTable, Resource>;

/** The union of resources that a contract speaks of. */
export type ResourceOfEvent<TEvent> = TEvent extends { readonly rules: readonly EventRule<infer TResource>[] } ? TResource : FhirResourceR4;
