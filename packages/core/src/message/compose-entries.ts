import type { AnyEvent } from '../event/event-contract.ts';
import type { Issue } from '../fhir/issue.ts';
import { isObject, isText, itemsOf, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { issueOf } from './check/check-context.ts';

/** A resource on its way into a message, with the `fullUrl` that it has there. */
export interface ComposedEntry {
  readonly fullUrl: string;
  readonly resource: JsonObject;
}

/** What naming the entries takes. */
export interface ComposeOptions {
  readonly base: string | undefined;
  readonly newFullUrl: () => string;
}

/** The entries of a payload, in the contract's order, each with its `fullUrl`; what is no resource of its slot's type is an issue. */
export function composeEntries(event: AnyEvent, payload: JsonObject, options: ComposeOptions): { entries: ComposedEntry[]; issues: Issue[] } {
  const issues: Issue[] = [];
  const entries: ComposedEntry[] = [];
  const slots = [...Object.keys(event.payload), ...Object.keys(payload).filter((name) => !Object.hasOwn(event.payload, name))];
  for (const slot of slots) {
    const held = Object.hasOwn(payload, slot) ? payload[slot] : undefined;
    for (const item of held === undefined ? [] : Array.isArray(held) ? itemsOf(held) : [held]) {
      const entry = composeEntry(item, options);
      if (entry !== undefined && (slot === 'others' || textIn(entry.resource, 'resourceType') === slot)) {
        entries.push(entry);
      } else {
        issues.push(...wrongType(slot, entry));
      }
    }
  }
  return { entries, issues };
}

/** One entry, from a resource or a resource with its `fullUrl`; `undefined` where it is neither. */
export function composeEntry(item: unknown, { base, newFullUrl }: ComposeOptions): ComposedEntry | undefined {
  if (!isObject(item)) {
    return undefined;
  }
  const isNamed = !Object.hasOwn(item, 'resourceType') && Object.hasOwn(item, 'resource');
  const resource = isNamed ? item['resource'] : item;
  if (!isObject(resource) || !isText(resource['resourceType'])) {
    return undefined;
  }
  const given = isNamed ? textIn(item, 'fullUrl') : undefined;
  const id = textIn(resource, 'id');
  const onBase = base !== undefined && id !== undefined ? `${base}${resource['resourceType']}/${id}` : undefined;
  return { fullUrl: given ?? onBase ?? newFullUrl(), resource };
}

function wrongType(slot: string, entry: ComposedEntry | undefined): readonly Issue[] {
  const found = entry === undefined ? 'no resource' : `a ${textIn(entry.resource, 'resourceType') ?? 'resource'}`;
  return issueOf('payload.type', 'strict', undefined, `The ${slot} slot of the payload holds ${found}`);
}
