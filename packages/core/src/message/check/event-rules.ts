import { parseCardinality } from '../../event/cardinality.ts';
import { describeEvent, eventNameOf, isSameEvent } from '../../event/event-name.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { groupBy } from '../../fhir/groups.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import { linksOf } from '../../graph/graph-value.ts';
import type { GraphState } from '../../graph/graph-state.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** What the event's contract asks beyond FHIR: which resources, how many, and which of them in focus. */
export function checkEvent(context: CheckContext, event: AnyEvent): void {
  const { graph, state, report } = context;
  const { header, records } = state;
  const name = eventNameOf(header);
  if (name && !isSameEvent(name, event)) report('event.mismatch', `${headerPath}.event`, describeEvent(event));
  checkPayload(context, event);

  const focused = new Set<string>();
  for (const { path, target } of header ? linksOf(graph, 0) : []) {
    if (target !== undefined && isFocus(path)) {
      focused.add(target);
      const type = records[state.positionOf(target)]?.type ?? '';
      if (!event.focus.includes(type)) report('focus.type', pathInBundle(0, path), event.focus.join(' or '));
    }
  }
  const referred = event.everyResourceReferenced && referredKeys(graph, state);
  records.forEach(({ type = '' }, position) => {
    const key = state.keyAt(position);
    if (header && event.focus.includes(type) && !focused.has(key)) report('focus.missing', `${headerPath}.focus`, `${type}, entry ${position}`);
    if (referred && position > 0 && !referred.has(key)) report('event.unreferenced', pathInBundle(position), type);
  });
}

/** Which resources there are, and how many. */
export function checkPayload({ state: { header, records }, report }: Pick<CheckContext, 'state' | 'report'>, event: AnyEvent): void {
  const found = groupBy(records.keys(), (position) => (position === 0 && header ? undefined : records[position]?.type));
  for (const [type, [position = 0]] of found) {
    if (!event.otherResources && !Object.hasOwn(event.payload, type)) {
      report('payload.type', pathInBundle(position), `A message of ${describeEvent(event)} takes no ${type}`);
    }
  }
  for (const [type, cardinality] of Object.entries(event.payload)) {
    const { min = 0, max = Infinity } = parseCardinality(cardinality) ?? {};
    const at = found.get(type) ?? [];
    const detail = `${at.length} ${type}, where ${cardinality} is asked for`;
    if (at.length < min) report('payload.min', 'Bundle.entry', detail);
    if (at.length > max) report('payload.max', pathInBundle(at[max] ?? 0), detail);
  }
}

/** The keys of the entries that another one refers to. */
function referredKeys(graph: BundleGraph<Resource>, state: GraphState): ReadonlySet<string> {
  const referred = new Set<string>();
  state.index.keys.forEach((key, position) => {
    for (const { target } of linksOf(graph, position)) {
      if (target !== undefined && target !== key) referred.add(target);
    }
  });
  return referred;
}
