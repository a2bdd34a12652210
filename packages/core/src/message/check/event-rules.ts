import { parseCardinality } from '../../event/cardinality.ts';
import { describeEvent, eventNameOf, isSameEvent } from '../../event/event-name.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import { nameOf, resourcePath } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/** What the event's contract asks beyond FHIR: which resources, how many, and which of them in focus. */
export function checkEvent(context: CheckContext, event: AnyEvent): void {
  const { header, report } = context;
  const name = eventNameOf(header);
  if (name !== undefined && !isSameEvent(name, event)) {
    report('event.mismatch', 'Bundle.entry[0].resource.event', `The message is ${describeEvent(name)}, the contract is of ${describeEvent(event)}.`);
  }
  checkCounts(context, event);
  if (header !== undefined) {
    checkFocus(context, event);
  }
  if (event.everyResourceReferenced) {
    checkReferenced(context);
  }
}

function checkCounts({ records, report }: CheckContext, event: AnyEvent): void {
  const positions = new Map<string, number[]>();
  records.forEach(({ type }, position) => {
    if (type === undefined || (type === 'MessageHeader' && position === 0)) {
      return;
    }
    const known = positions.get(type);
    if (known !== undefined) {
      known.push(position);
    } else {
      positions.set(type, [position]);
    }
    if (!event.otherResources && !Object.hasOwn(event.payload, type)) {
      report('payload.type', resourcePath(position), `A ${describeEvent(event)} message takes no ${type}.`);
    }
  });
  for (const [type, cardinality] of Object.entries(event.payload)) {
    const range = parseCardinality(cardinality);
    const found = positions.get(type) ?? [];
    if (range !== undefined && found.length < range.min) {
      report('payload.min', 'Bundle.entry', `A ${describeEvent(event)} message takes ${cardinality} ${type}; here there are ${found.length}.`);
    }
    const excess = found[range?.max ?? Infinity];
    if (excess !== undefined) {
      report('payload.max', resourcePath(excess), `A ${describeEvent(event)} message takes ${cardinality} ${type}; here there are ${found.length}.`);
    }
  }
}

function checkFocus({ graph, positions, records, report }: CheckContext, event: AnyEvent): void {
  const typeOf = (key: string): string | undefined => records[positions.get(key) ?? -1]?.type;
  const focused = new Set<string>();
  for (const { path, target } of graph.linksFrom(graph.entries[0]?.key ?? '')) {
    if (target === undefined || !path.startsWith('MessageHeader.focus[')) {
      continue;
    }
    focused.add(target);
    const type = typeOf(target);
    if (type !== undefined && !event.focus.includes(type)) {
      report('focus.type', `Bundle.entry[0].resource${path.slice('MessageHeader'.length)}`, `The focus of a ${describeEvent(event)} message is ${event.focus.join(' or ')}, not ${type}.`);
    }
  }
  positions.forEach((position, key) => {
    const type = typeOf(key);
    if (type !== undefined && event.focus.includes(type) && !focused.has(key)) {
      report('focus.missing', 'Bundle.entry[0].resource.focus', `The focus has to list the ${nameOf(records[position], position)}.`);
    }
  });
}

function checkReferenced({ graph, records, report }: CheckContext): void {
  graph.entries.forEach(({ key }, position) => {
    const referrers = graph.linksTo(key).filter(({ from }) => from !== key);
    if (position > 0 && referrers.length === 0) {
      report('event.unreferenced', resourcePath(position), `Another resource has to refer to the ${nameOf(records[position], position)}; none does.`);
    }
  });
}
