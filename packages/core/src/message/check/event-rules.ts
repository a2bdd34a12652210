import { parseCardinality } from '../../event/cardinality.ts';
import { describeEvent, eventNameOf, isSameEvent } from '../../event/event-name.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { groupBy } from '../../fhir/groups.ts';
import type { GraphState } from '../../graph/graph-state.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** The rules of the event's contract beyond FHIR: which resources there are, how many, and which of them are in focus. */
export function checkEvent(context: CheckContext, event: AnyEvent): void {
  const { state, report } = context;
  const { header, records } = state;
  const name = eventNameOf(header);
  if (name && !isSameEvent(name, event)) report('event.mismatch', `${headerPath}.event`, describeEvent(event));
  checkPayload(context, event);

  const focused = new Set<number>();
  state.locatedFrom(0).forEach((located, index) => {
    const site = records[0]?.references[index];
    if (header && site && located.kind === 'entry' && isFocus(site.path)) {
      const { position } = located;
      focused.add(position);
      const type = records[position]?.type ?? '';
      if (!event.focus.includes(type)) report('focus.type', pathInBundle(0, site.path), event.focus.join(' or '));
    }
  });
  const referred = event.everyResourceReferenced && referredTo(state);
  records.forEach(({ type = 'resource' }, position) => {
    if (header && event.focus.includes(type) && !focused.has(position)) report('focus.missing', `${headerPath}.focus`, `${type}, entry ${position}`);
    if (referred && position > 0 && !referred.has(position)) report('event.unreferenced', pathInBundle(position), type);
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

/** The positions of the entries that another one refers to. */
function referredTo(state: GraphState): ReadonlySet<number> {
  const referred = new Set<number>();
  state.records.forEach((_, at) => {
    for (const located of state.locatedFrom(at)) {
      if (located.kind === 'entry' && located.position !== at) referred.add(located.position);
    }
  });
  return referred;
}
