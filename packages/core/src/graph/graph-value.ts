import type { Resource } from '../fhir/resource.ts';
import { isObject, member, objectsIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { BundleGraph, ClosureOptions, Link, Resolution, ResolveOptions, UnresolvedReference } from './bundle-graph.ts';
import { closureOf } from './closure.ts';
import type { GraphState } from './graph-state.ts';
import { handOut } from './hand-out.ts';
import { danglingAmong, groupByTarget, linksAt } from './links.ts';
import { presentResolution } from './present-resolution.ts';

let readState: (graph: object) => GraphState | undefined;

/** The state behind a graph. @internal */
export function stateOf(graph: object): GraphState {
  const state = readState(graph);
  if (state === undefined) {
    throw new TypeError('This is no graph of this copy of @fhir-messaging/core: make one with graphOf.');
  }
  return state;
}

/** Whether a value is a graph of this copy of the package. @internal */
export function isGraph(value: unknown): value is BundleGraph {
  return typeof value === 'object' && value !== null && readState(value) !== undefined;
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

const none: readonly Link[] = Object.freeze([]);

class GraphValue {
  readonly #state: GraphState;
  #bundle: JsonObject | undefined;
  #entries: readonly object[] | undefined;
  #focus: readonly unknown[] | undefined;
  readonly #links: (readonly Link[] | undefined)[] = [];
  #linksByTarget: ReadonlyMap<string, readonly Link[]> | undefined;
  #unresolved: readonly UnresolvedReference[] | undefined;
  readonly #byType = new Map<string, readonly unknown[]>();
  readonly #closures = new Map<boolean, ReadonlySet<string>>();

  static {
    readState = (graph) => (#state in graph ? graph.#state : undefined);
  }

  constructor(state: GraphState) {
    this.#state = state;
    Object.freeze(this);
  }

  get bundle(): JsonObject {
    this.#bundle ??= handOut(this.#state);
    return this.#bundle;
  }

  get size(): number {
    return this.#state.records.length;
  }

  get header(): JsonObject | undefined {
    const first = this.#state.records[0];
    return first?.type === 'MessageHeader' ? first.resource : undefined;
  }

  get entries(): readonly object[] {
    this.#entries ??= Object.freeze(this.#state.records.map((record, position) => record.viewAs(this.#state.keyAt(position))));
    return this.#entries;
  }

  get focus(): readonly unknown[] {
    this.#focus ??= Object.freeze(this.#readFocus());
    return this.#focus;
  }

  get(name: string): JsonObject | undefined {
    return this.#state.records[this.#state.positionOf(name)]?.resource;
  }

  all(type: string): readonly unknown[] {
    let found = this.#byType.get(type);
    if (found === undefined) {
      found = Object.freeze(this.#state.records.filter((record) => record.type === type).map((record) => record.resource));
      this.#byType.set(type, found);
    }
    return found;
  }

  resolve(reference: unknown, options: ResolveOptions = {}): object {
    const literal = typeof reference === 'string' ? reference : textIn(reference, 'reference');
    if (literal === undefined && !isObject(member(reference, 'identifier'))) {
      return Object.freeze<Resolution>({ kind: 'unresolved', reason: 'not-a-reference' });
    }
    const position = options.from === undefined ? -1 : this.#state.positionOf(options.from);
    const located = this.#state.locate(literal, undefined, position, options.mode);
    return presentResolution(this.#state, located, position);
  }

  linksFrom(key: string): readonly Link[] {
    const position = this.#state.positionOf(key);
    return position < 0 ? none : this.#linksAt(position);
  }

  linksTo(key: string): readonly Link[] {
    const position = this.#state.positionOf(key);
    if (position < 0) {
      return none;
    }
    this.#linksByTarget ??= groupByTarget(this.#allLinks());
    return this.#linksByTarget.get(this.#state.keyAt(position)) ?? none;
  }

  unresolved(): readonly UnresolvedReference[] {
    this.#unresolved ??= danglingAmong(this.#allLinks());
    return this.#unresolved;
  }

  closure(options: ClosureOptions = {}): ReadonlySet<string> {
    const reverse = options.reverse === true;
    let closure = this.#closures.get(reverse);
    if (closure === undefined) {
      closure = closureOf(this.#state, {
        linksFrom: (key) => this.linksFrom(key),
        linksTo: (key) => (reverse ? this.linksTo(key) : none),
      });
      this.#closures.set(reverse, closure);
    }
    return closure;
  }

  #linksAt(position: number): readonly Link[] {
    const known = this.#links[position];
    if (known !== undefined) {
      return known;
    }
    const links = linksAt(this.#state, position);
    this.#links[position] = links;
    return links;
  }

  *#allLinks(): Iterable<readonly Link[]> {
    for (let position = 0; position < this.size; position += 1) {
      yield this.#linksAt(position);
    }
  }

  #readFocus(): unknown[] {
    const { records } = this.#state;
    const header = records[0]?.type === 'MessageHeader' ? records[0].glimpse : undefined;
    return objectsIn(member(header, 'focus')).flatMap((reference) => {
      const located = this.#state.locate(textIn(reference, 'reference'), undefined, 0);
      return located.kind === 'entry' ? [records[located.position]?.resource] : [];
    });
  }
}
