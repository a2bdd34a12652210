import type { FhirResource } from 'fhir/r4';
import type { AnyEvent, ResourceOfEvent } from '../event/event-contract.ts';
import type { Bundle } from '../fhir/bundle.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { readIdentity, strategyFor } from './identity.ts';
import type { MessageIdentity } from './identity.ts';

/** A graph that passed its check, with its identity and its bytes, ready to travel. */
export interface Message<TEvent = AnyEvent | undefined, TResource extends Resource = TEvent extends AnyEvent ? ResourceOfEvent<TEvent> : FhirResource> {
  /** The contract that it keeps; `undefined` for a message that was read without one: it counts as a `consequence`, and wants a reply unless it says otherwise. */
  readonly event: TEvent;
  readonly graph: BundleGraph<TResource>;
  /** The same as `graph.bundle`. */
  readonly bundle: Bundle<TResource>;
  /**
   * The JSON text as UTF-8, as it was received, or else written when it is first asked for. It is kept, since FHIR's decimals do not survive
   * being parsed. Not to be changed.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its ids as its release reads them; a messenger with another strategy reads the same ids in its own order. */
  readonly identity: MessageIdentity;
  readonly release: Release;
  /** Findings that do not make it invalid: warnings, and faults that were read leniently. */
  readonly issues: readonly Issue[];
}

/** The parts of a message. @internal */
export interface MessageParts<TEvent, TResource extends Resource> {
  readonly event: TEvent;
  readonly graph: BundleGraph<TResource>;
  readonly release: Release;
  readonly issues: readonly Issue[];
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
}

/** Puts a message together. @internal */
export function messageOf<TEvent, TResource extends Resource>(parts: MessageParts<TEvent, TResource>): Message<TEvent, TResource>;
export function messageOf(parts: MessageParts<unknown, Resource>): unknown {
  return new MessageValue(parts);
}

class MessageValue {
  declare readonly bundle: object;
  readonly event: unknown;
  readonly graph: BundleGraph<Resource>;
  readonly release: Release;
  readonly issues: readonly Issue[];
  readonly identity: MessageIdentity;
  #bytes: Uint8Array | undefined;

  constructor({ event, graph, release, issues, bytes }: MessageParts<unknown, Resource>) {
    this.event = event;
    this.graph = graph;
    this.release = release;
    this.issues = Object.freeze([...issues]);
    this.identity = readIdentity(graph, strategyFor(release));
    this.#bytes = bytes;
    Object.freeze(Object.defineProperties(this, whenAsked));
  }

  static bytesOf(message: MessageValue): Uint8Array {
    return (message.#bytes ??= new TextEncoder().encode(JSON.stringify(message.bundle)));
  }
}

/** The getters that all messages share: a message's own would be part of its shape, which the engine keeps, with all that the getter sees. */
const whenAsked = {
  bundle: {
    enumerable: true,
    get(this: MessageValue): object {
      return this.graph.bundle;
    },
  },
  bytes: {
    enumerable: true,
    get(this: MessageValue): Uint8Array {
      return MessageValue.bytesOf(this);
    },
  },
};
