import { remembered } from '../fhir/groups.ts';
import type { Resource } from '../fhir/resource.ts';
import { itemsOf, member, objectIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { unresolved } from '../reference/resolve-reference.ts';
import type { BundleGraph, ClosureOptions, Link, ResolveOptions, UnresolvedReference } from './bundle-graph.ts';
import type { GraphState } from './graph-state.ts';
import { handOut } from './hand-out.ts';
import { danglingAmong } from './links.ts';
import { presentResolution } from './present-resolution.ts';

/** The state behind a graph. @internal */
export function stateOf(graph: object): GraphState {
  const state = GraphValue.stateOf(graph);
  if (state === undefined) {
    throw new TypeError('This is no graph of this copy of @fhir-messaging/core: make one with graphOf.');
  }
  return state;
}

/** Whether a value is a graph of this copy of the package. @internal */
export function isGraph(value: unknown): value is BundleGraph {
  return typeof value === 'object' && value !== null && GraphValue.stateOf(value) !== undefined;
}

/**
 * The graph over a state: the one place where JSON gets the types that its caller gave it.
 *
 * @internal
 */
export function graphFrom<TResource extends Resource>(state: GraphState): BundleGraph<TResource>;
export function graphFrom(state: GraphState): unknown {
  return new GraphValue(state);
}

class GraphValue {
  readonly #state: GraphState;
  #bundle: JsonObject | undefined;
  #entries: readonly object[] | undefined;
  #focus: readonly unknown[] | undefined;
  #unresolved: readonly UnresolvedReference[] | undefined;
  readonly #byType = new Map<string, readonly unknown[]>();
  readonly #closures = new Map<boolean, ReadonlySet<string>>();

  // A static method, since a static block would keep this class, and all that it needs, in bundles that use no graph.
  static stateOf(graph: object): GraphState | undefined {
    return #state in graph ? graph.#state : undefined;
  }

  constructor(state: GraphState) {
    this.#state = state;
    Object.freeze(this);
  }

  get bundle(): JsonObject {
    return (this.#bundle ??= handOut(this.#state));
  }

  get size(): number {
    return this.#state.records.length;
  }

  get header(): JsonObject | undefined {
    return this.#state.header && this.#state.records[0]?.resource;
  }

  get entries(): readonly object[] {
    return (this.#entries ??= Object.freeze(this.#state.records.map((record, position) => record.viewAs(this.#state.keyAt(position)))));
  }

  get focus(): readonly unknown[] {
    const { records, header } = this.#state;
    return (this.#focus ??= Object.freeze(
      itemsOf(member(header, 'focus')).flatMap((reference) => {
        const located = this.#state.locate(textIn(reference, 'reference'), undefined, 0);
        return located.kind === 'entry' ? [records[located.position]?.resource] : [];
      }),
    ));
  }

  get(name: string): JsonObject | undefined {
    return this.#state.records[this.#state.positionOf(name)]?.resource;
  }

  all(type: string): readonly unknown[] {
    return remembered(this.#byType, type, () =>
      Object.freeze(this.#state.records.filter((record) => record.type === type).map((record) => record.resource)),
    );
  }

  resolve(reference: unknown, { from, mode }: ResolveOptions = {}): object {
    const literal = typeof reference === 'string' ? reference : textIn(reference, 'reference');
    const isReference = literal !== undefined || objectIn(reference, 'identifier');
    const position = from === undefined ? -1 : this.#state.positionOf(from);
    return presentResolution(this.#state, isReference ? this.#state.locate(literal, undefined, position, mode) : unresolved('not-a-reference'), position);
  }

  linksFrom(name: string): readonly Link[] {
    return this.#state.linksFrom(this.#state.positionOf(name));
  }

  linksTo(name: string): readonly Link[] {
    return this.#state.linksTo(this.#state.positionOf(name));
  }

  unresolved(): readonly UnresolvedReference[] {
    return (this.#unresolved ??= danglingAmong(this.#state.allLinks()));
  }

  closure({ reverse = false }: ClosureOptions = {}): ReadonlySet<string> {
    return remembered(this.#closures, reverse, () => frozenSet([...this.#state.reached(reverse)].map((position) => this.#state.keyAt(position))));
  }

  toJSON(): JsonObject {
    return this.bundle;
  }
}

/** A Set that refuses to change: `Object.freeze` alone does not reach what it holds. */
function frozenSet<TItem>(items: readonly TItem[]): ReadonlySet<TItem> {
  const value = (): never => {
    throw new TypeError('This Set is frozen: copy it first.');
  };
  // Not enumerable, so that it equals a plain Set.
  return Object.freeze(Object.defineProperties(new Set(items), { add: { value }, delete: { value }, clear: { value } }));
}
