import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { PayloadOf } from '../event/payload.ts';
import { releases } from '../fhir/release.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { isGraph, stateOf } from '../graph/graph-value.ts';
import { madeOf } from '../graph/made-of.ts';
import { requireSource } from './compose-header.ts';
import { composeEntries, namingOf, newName } from './compose-entries.ts';
import type { Naming } from './compose-entries.ts';
import type { Destination, Source } from './compose-header.ts';
import { detectRelease } from './detect-release.ts';
import { linkEntries, linkRecords } from './link-entries.ts';
import type { Content } from './link-entries.ts';
import type { Message } from './message.ts';
import { writeMessage } from './write-message.ts';

/** The options of a new message, beside its payload. */
export interface CreateMessageOptions {
  /** Who sends it, and where replies go (`MessageHeader.source`, 1..1). */
  readonly source: Source;
  /** Where it goes; several are allowed. */
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** Further elements of the MessageHeader: reason, sender, definition, meta, extension. Those that the SDK owns are not taken from here. */
  readonly header?: object | undefined;
  /**
   * Further elements of the Bundle: meta, language, signature, and before R5, where it does not name the message, the identifier. Those that
   * the SDK owns are not taken from here.
   */
  readonly bundle?: object | undefined;
  /** The server that the resources come from: those with an id and no `fullUrl` get `[base]/Type/id` as theirs. */
  readonly base?: string | undefined;
  /** @defaultValue what the header of a graph looks like: R5 where it has what only R5 has; else 'R4' */
  readonly release?: Release | undefined;
  /** Gives a fresh UUID. @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
  /** Gives the time for `Bundle.timestamp`, in milliseconds. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Puts a new message together: header first, fresh ids, a `fullUrl` for every entry, the focus as the contract says.
 *
 * From a payload, references between the given resources, and from `header` to them, keep resolving under the strict rules; nothing
 * given is changed. A relative reference in a resource on a server, by its `fullUrl` or `base`, never means a given resource that is on none: it leads
 * out of the message (`reference.near-miss`), and says its server, for lenient readers. Every message made
 * has passed the strict check.
 *
 * From a graph, entries keep their `fullUrl`, `extension` and `link`, and their references, but for those that say their server as above. Only entries
 * without a `fullUrl`, and `header`, are treated as a payload's. The old header goes, and so do `search`, `request` and `response`: an entry to be deleted
 * is sent as content.
 *
 * A reference is what a `reference` member says: `Attachment.url`, other `uri`, `url` and `canonical` elements and links in the narrative are neither
 * rewritten nor checked; a resource that only they lead to has to get its `fullUrl` from you.
 *
 * @throws {MessagingError} `message.invalid`, with the issues, when the message breaks a rule of FHIR or of its contract; `input.limit` when a
 * resource, or an element of the Bundle, is nested more than 200 levels deep.
 * @throws {TypeError} when there is no source, or the release is none.
 * @example
 * const message = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source: 'https://app.example.org' });
 */
export function createMessage<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  content: PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>,
  options: CreateMessageOptions,
): Message<EventContract<TTable, TResource>, TResource>;
export function createMessage(event: AnyEvent, content: object, options: CreateMessageOptions): unknown {
  const naming = namingOf(options);
  const { header, envelope } = isGraph(content) ? stateOf(content) : {};
  const { source, destination, bundle, now, release = detectRelease(header, envelope) } = options;
  requireSource(source, 'createMessage');
  if (!Object.hasOwn(releases, release)) {
    throw new TypeError('createMessage: the release is R4, R4B or R5.');
  }
  const parts = isGraph(content) ? contentOfGraph(content, options, naming) : contentOfPayload(event, content, options, naming);
  const focus = event.focus.flatMap((type) => parts.records.flatMap((record) => (record.type === type ? (record.fullUrl ?? []) : [])));
  const { newId } = naming;
  const message = writeMessage({ event, name: event, release, source, destination, focus, content: parts, bundle, newId, now });
  madeOf(message.graph, content);
  return message;
}

function contentOfGraph(graph: BundleGraph, { header }: CreateMessageOptions, naming: Naming): Content {
  const { records, header: old } = stateOf(graph);
  const named = new Set<EntryRecord>();
  const entries = (old ? records.slice(1) : records).map((record) => {
    const { fullUrl, entryGlimpse } = record;
    const { search, request, response } = entryGlimpse;
    if (fullUrl !== undefined && (search ?? request ?? response) === undefined) {
      return record;
    }
    const entry = new EntryRecord({ ...entryGlimpse, fullUrl: fullUrl ?? newName(record.glimpse, naming), search: undefined, request: undefined, response: undefined });
    if (fullUrl === undefined) named.add(entry);
    return entry;
  });
  return linkRecords(entries, named, header, naming.base);
}

function contentOfPayload(event: AnyEvent, payload: object, { header }: CreateMessageOptions, naming: Naming): Content {
  const { entries, issues } = composeEntries(event, payload, naming);
  const linked = linkEntries(entries, header, naming.base);
  return { ...linked, issues: [...issues, ...linked.issues] };
}
