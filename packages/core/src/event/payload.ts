import type { ResourceOfType } from '../fhir/bundle.ts';
import type { Resource } from '../fhir/resource.ts';
import type { NamedEntry } from '../graph/add-entry.ts';
import type { Occurrences } from './cardinality.ts';
import type { EventContract, ResourceOfEvent } from './event-contract.ts';

/** A resource, or a resource with the `fullUrl` that it is to have in the message. */
export type Slot<TResource extends Resource> = TResource | NamedEntry<TResource>;

/**
 * The payload of an event's message, a slot for each resource type of its contract.
 *
 * `1..1` is required and single, `0..1` optional, `0..*` an optional list, `1..*` a list that is not empty, `2..5` one of at least two.
 */
export type PayloadOf<TEvent> = TEvent extends EventContract<infer TTable, Resource>
  ? Slots<TTable['payload'], ResourceOfEvent<TEvent>, 'slot'> & Others<TTable, ResourceOfEvent<TEvent>>
  : never;

/**
 * The payload that `payloadOf` reads out of a message: resources in place of slots, and a list, empty or not, wherever there may be several.
 * Resources of types that a contract with `otherResources` does not name are in the graph alone.
 */
export type ReadPayloadOf<TEvent> = TEvent extends EventContract<infer TTable, Resource>
  ? Slots<TTable['payload'], ResourceOfEvent<TEvent>, 'resource'>
  : never;

type Form = 'slot' | 'resource';

type Slots<TCardinalities, TResource extends Resource, TForm extends Form> = {
  readonly [TType in keyof TCardinalities as TCardinalities[TType] extends Optional[TForm] ? never : TType]: Occurrences<
    TCardinalities[TType],
    Held<TResource, TType & string, TForm>
  >;
} & {
  readonly [TType in keyof TCardinalities as TCardinalities[TType] extends Optional[TForm] ? TType : never]?:
    | Occurrences<TCardinalities[TType], Held<TResource, TType & string, TForm>>
    | undefined;
};

/** The cardinalities of slots that may be missing; in a payload that was read, a list never is. */
interface Optional {
  readonly slot: `0..${string}`;
  readonly resource: '0..1';
}

type Held<TResource extends Resource, TType extends string, TForm extends Form> = TForm extends 'slot'
  ? Slot<ResourceOfType<TResource, TType>>
  : ResourceOfType<TResource, TType>;

type Others<TTable, TResource extends Resource> = TTable extends { readonly otherResources: true }
  ? { /** Resources of types that the contract does not name. */ readonly others?: readonly Slot<TResource>[] | undefined }
  : unknown;
