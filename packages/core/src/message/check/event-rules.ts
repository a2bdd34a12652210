import { parseCardinality } from '../../event/cardinality.ts';
import { describeEvent, eventNameOf, isSameEvent } from '../../event/event-name.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { groupBy } from '../../fhir/groups.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** What the event's contract asks beyond FHIR: which resources, how many, and which of them in focus. */
export function checkEvent({ graph, state, report }: CheckContext, event: AnyEvent): void {
  const { header, records } = state;
  const name = eventNameOf(header);
  if (name && !isSameEvent(name, event)) report('event.mismatch', `${headerPath}.event`, describeEvent(event));

  const found = groupBy(records.keys(), (position) => (position === 0 && header ? undefined : records[position]?.type));
  for (const [type, [position = 0]] of found) {
    if (!event.otherResources && !Object.hasOwn(event.payload, type)) {
      report('payload.type', pathInBundle(position), `A ${describeEvent(event)} message takes no ${type}`);
    }
  }
  for (const [type, cardinality] of Object.entries(event.payload)) {
    const { min = 0, max = Infinity } = parseCardinality(cardinality) ?? {};
    const at = found.get(type) ?? [];
    const detail = `${at.length} ${type}, where ${cardinality} is asked for`;
    if (at.length < min) report('payload.min', 'Bundle.entry', detail);
    if (at.length > max) report('payload.max', pathInBundle(at[max] ?? 0), detail);
  }

  const focused = new Set<string>();
  for (const { path, target } of header ? graph.linksFrom(state.keyAt(0)) : []) {
    if (target !== undefined && isFocus(path)) {
      focused.add(target);
      const type = records[state.positionOf(target)]?.type ?? '';
      if (!event.focus.includes(type)) report('focus.type', pathInBundle(0, path), event.focus.join(' or '));
    }
  }
  records.forEach(({ type = '' }, position) => {
    const key = state.keyAt(position);
    if (header && event.focus.includes(type) && !focused.has(key)) report('focus.missing', `${headerPath}.focus`, `${type}, entry ${position}`);
    const referred = (): boolean => graph.linksTo(key).some(({ from }) => from !== key);
    if (event.everyResourceReferenced && position > 0 && !referred()) report('event.unreferenced', pathInBundle(position), type);
  });
}
