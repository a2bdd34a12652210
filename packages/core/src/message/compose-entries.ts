import type { AnyEvent } from '../event/event-contract.ts';
import type { Issue } from '../fhir/issue.ts';
import { isObject, member, objectIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { issueOf } from './check/check-context.ts';

/** A resource on its way into a message, with the `fullUrl` that it has there. */
export interface ComposedEntry {
  readonly fullUrl: string;
  readonly resource: JsonObject;
}

/** How entries are named. */
export interface Naming {
  /** The server that they come from, with a slash at its end. */
  readonly base: string | undefined;
  readonly newId: () => string;
}

/** How the entries of a message are named, by its options. */
export function namingOf({ base, newId }: { readonly base?: string | undefined; readonly newId?: (() => string) | undefined }): Naming {
  return { base: base?.replace(/\/*$/, '/'), newId: newId ?? (() => crypto.randomUUID()) };
}

/** The entries of a payload, in the contract's order, each with its `fullUrl`; an item that is no resource of its slot's type is an issue. */
export function composeEntries(event: AnyEvent, payload: object, naming: Naming): { entries: ComposedEntry[]; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const entries: ComposedEntry[] = [];
  for (const slot of new Set([...Object.keys(event.payload), ...Object.keys(payload)])) {
    const held = member(payload, slot);
    for (const item of held === undefined ? [] : [held].flat()) {
      const entry = composeEntry(item, naming);
      const type = textIn(entry?.resource, 'resourceType');
      if (entry !== undefined && (slot === 'others' || type === slot)) {
        entries.push(entry);
      } else {
        const found = type ?? 'no resource';
        issues.push(...issueOf('payload.type', 'strict', undefined, `The ${slot} slot of the payload holds ${found}`));
      }
    }
  }
  return { entries, issues };
}

/** One entry, from a resource or a resource with its `fullUrl`; `undefined` where it is neither. */
export function composeEntry(item: unknown, naming: Naming): ComposedEntry | undefined {
  const isNamed = member(item, 'resourceType') === undefined;
  const resource = isNamed ? objectIn(item, 'resource') : item;
  const type = textIn(resource, 'resourceType');
  if (!isObject(resource) || type === undefined) {
    return undefined;
  }
  const given = isNamed ? textIn(item, 'fullUrl') : undefined;
  return { fullUrl: given ?? newName(resource, naming), resource };
}

/** The `fullUrl` of a resource that has none: that of the base, where its id can be part of a URL, as servers also have them with a `_`; else a fresh URN. */
export function newName(resource: JsonObject, { base, newId }: Naming): string {
  const { resourceType, id = '' } = resource;
  return base !== undefined && typeof id === 'string' && /^[^\s/?#]+$/.test(id) ? `${base}${String(resourceType)}/${id}` : `urn:uuid:${newId()}`;
}
