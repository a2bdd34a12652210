import { parseCardinality } from '../event/cardinality.ts';
import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { ReadPayloadOf } from '../event/payload.ts';
import { remembered } from '../fhir/groups.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { stateOf } from '../graph/graph-value.ts';
import { issueOf } from './check/check-context.ts';
import { checkPayload } from './check/event-rules.ts';
import { requireSound } from './require-sound.ts';

/**
 * The resources of a graph, by the slots of an event's contract: one where the contract takes at most one, else a list.
 *
 * @throws {MessagingError} `message.invalid` when the graph holds fewer or more than the contract takes, or a type that it does not take.
 * @example payloadOf(submitServiceRequest, graph).Patient.birthDate
 */
export function payloadOf<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  graph: BundleGraph<TResource>,
): ReadPayloadOf<EventContract<TTable, TResource>>;
export function payloadOf(event: AnyEvent, graph: BundleGraph<Resource>): unknown {
  const issues: Issue[] = [];
  checkPayload({ state: stateOf(graph), report: (rule, expression, detail) => void issues.push(...issueOf(rule, 'lenient', expression, detail)) }, event);
  requireSound(event, issues);
  return new Payload(event, graph);
}

/** The slots of a graph that keeps its contract; a list is read, and copied, when it is asked for. */
class Payload {
  readonly #graph: BundleGraph<Resource>;

  constructor(event: AnyEvent, graph: BundleGraph<Resource>) {
    this.#graph = graph;
    for (const [type, cardinality] of Object.entries(event.payload)) {
      const isList = parseCardinality(cardinality)?.max !== 1;
      const value = isList || graph.all(type)[0];
      if (value) Object.defineProperty(this, type, isList ? listOf(type) : { enumerable: true, value });
    }
    Object.freeze(this);
  }

  static listOf(payload: Payload, type: string): unknown {
    return payload.#graph.all(type);
  }
}

/** The getters of lists, one for a type: the engine keeps an object's own getters, with all that they see, for longer than the object. */
const lists = /* @__PURE__ */ new Map<string, PropertyDescriptor>();

function listOf(type: string): PropertyDescriptor {
  return remembered(lists, type, () => ({
    enumerable: true,
    get(this: Payload) {
      return Payload.listOf(this, type);
    },
  }));
}
