import { parseCardinality } from '../../event/cardinality.ts';
import { describeEvent, eventNameOf, isSameEvent } from '../../event/event-name.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { groupBy } from '../../fhir/groups.ts';
import { headerPath, isFocus, pathInBundle } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** What the event's contract asks beyond FHIR: which resources, how many, and which of them in focus. */
export function checkEvent(context: CheckContext, event: AnyEvent): void {
  const { graph, header, positions, records, report } = context;
  const name = eventNameOf(header);
  if (name !== undefined && !isSameEvent(name, event)) report('event.mismatch', `${headerPath}.event`, describeEvent(event));
  checkCounts(context, event);
  if (header !== undefined) {
    checkFocus(context, event);
  }
  if (event.everyResourceReferenced) {
    positions.forEach((position, key) => {
      const referred = graph.linksTo(key).some(({ from }) => from !== key);
      if (position > 0 && !referred) report('event.unreferenced', pathInBundle(position), records[position]?.type);
    });
  }
}

function checkCounts({ records, report }: CheckContext, event: AnyEvent): void {
  const found = groupBy(records.keys(), (position) => {
    const type = records[position]?.type;
    return position === 0 && type === 'MessageHeader' ? undefined : type;
  });
  for (const [type, [position = 0]] of found) {
    if (!event.otherResources && !Object.hasOwn(event.payload, type)) {
      report('payload.type', pathInBundle(position), `A ${describeEvent(event)} message takes no ${type}`);
    }
  }
  for (const [type, cardinality] of Object.entries(event.payload)) {
    const { min, max } = parseCardinality(cardinality) ?? { min: 0, max: Infinity };
    const at = found.get(type) ?? [];
    const detail = `${at.length} ${type}, where ${cardinality} is asked for`;
    if (at.length < min) report('payload.min', 'Bundle.entry', detail);
    if (at.length > max) report('payload.max', pathInBundle(at[max] ?? 0), detail);
  }
}

function checkFocus({ graph, positions, records, report }: CheckContext, event: AnyEvent): void {
  const typeOf = (key: string): string => records[positions.get(key) ?? -1]?.type ?? '';
  const focused = new Set<string>();
  for (const { path, target } of graph.linksFrom(graph.entries[0]?.key ?? '')) {
    if (target !== undefined && isFocus(path)) {
      focused.add(target);
      if (!event.focus.includes(typeOf(target))) report('focus.type', pathInBundle(0, path), event.focus.join(' or '));
    }
  }
  positions.forEach((position, key) => {
    const type = typeOf(key);
    if (event.focus.includes(type) && !focused.has(key)) report('focus.missing', `${headerPath}.focus`, `${type}, entry ${position}`);
  });
}
