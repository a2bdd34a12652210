import { MessagingError } from '../errors.ts';
import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import { describeEvent } from '../event/event-name.ts';
import type { PayloadOf } from '../event/payload.ts';
import type { Issue } from '../fhir/issue.ts';
import { isError } from '../fhir/issue.ts';
import { isObject } from '../fhir/json.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph, stateOf } from '../graph/graph-value.ts';
import { runChecks } from './check/run-checks.ts';
import { composeEntries } from './compose-entries.ts';
import { composeGraph } from './compose-graph.ts';
import type { Destination, Source } from './compose-header.ts';
import { linkEntries } from './link-entries.ts';
import { assembleMessage } from './message.ts';
import type { Message } from './message.ts';

/** What a new message takes beside its payload. */
export interface CreateMessageOptions {
  /** Who sends it, and where replies go (`MessageHeader.source`, 1..1). */
  readonly source: Source;
  /** Where it goes; several are allowed. */
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** Further elements of the MessageHeader: reason, sender, definition, meta, extension. Those that the SDK owns are not taken from here. */
  readonly header?: object | undefined;
  /** Further elements of the Bundle: meta, language, signature. Those that the SDK owns are not taken from here. */
  readonly bundle?: object | undefined;
  /** The server that the resources come from: those with an id get `[base]/Type/id` as `fullUrl`. */
  readonly base?: string | undefined;
  /** @defaultValue 'R4' */
  readonly release?: Release | undefined;
  /** Gives a fresh UUID. @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
  /** Gives the time for `Bundle.timestamp`. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Puts a new message together: header first, fresh ids, a `fullUrl` for every entry, the focus as the contract says.
 *
 * From a payload, references between the given resources, and from `header` to them, keep resolving under the strict rules; nothing
 * given is changed. From a graph,
 * `fullUrl`s and references are kept and its old header is dropped. What comes out passed the strict check.
 *
 * @throws {MessagingError} `message.invalid`, with the issues, when it breaks a rule of FHIR or of its contract; `input.limit` when a
 * resource is nested more than 200 levels deep.
 * @example
 * const message = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source: 'https://app.example.org' });
 */
export function createMessage<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  content: PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>,
  options: CreateMessageOptions,
): Message<EventContract<TTable, TResource>, TResource>;
export function createMessage(event: AnyEvent, content: object, options: CreateMessageOptions): unknown {
  const newId = options.newId ?? (() => crypto.randomUUID());
  const release = options.release ?? 'R4';
  const { records, issues, header } = isGraph(content) ? recordsOfGraph(content, options) : recordsOfPayload(event, content, options, newId);

  const focus = event.focus.flatMap((type) => records.filter((record) => record.type === type).flatMap(({ fullUrl }) => fullUrl ?? []));
  const graph = composeGraph({ ...options, header, event, release, focus, records, response: undefined, newId });

  const found = [...issues, ...runChecks(graph, { event, release, mode: 'strict' })];
  const errors = found.filter(isError);
  if (errors.length > 0) {
    throw invalidMessage(event, errors, found);
  }
  return assembleMessage({ event, graph, release, issues: found });
}

interface Content {
  readonly records: readonly EntryRecord[];
  readonly issues: readonly Issue[];
  /** Further elements of the header. */
  readonly header: object | undefined;
}

function recordsOfGraph(graph: BundleGraph, { header }: CreateMessageOptions): Content {
  const { records } = stateOf(graph);
  return { records: records[0]?.type === 'MessageHeader' ? records.slice(1) : records, issues: [], header };
}

function recordsOfPayload(event: AnyEvent, payload: object, options: CreateMessageOptions, newId: () => string): Content {
  const base = options.base?.replace(/\/*$/, '/');
  const composed = composeEntries(event, isObject(payload) ? payload : {}, { base, newFullUrl: () => `urn:uuid:${newId()}` });
  const linked = linkEntries({ header: { ...options.header }, entries: composed.entries }, base);
  return {
    records: linked.entries.map(({ fullUrl, resource }) => new EntryRecord(frozenCopy({ fullUrl, resource }), true)),
    issues: [...composed.issues, ...linked.issues],
    header: linked.header,
  };
}

/** The error that refuses a message. @internal */
export function invalidMessage(event: AnyEvent | undefined, errors: readonly Issue[], issues: readonly Issue[]): MessagingError {
  const [first] = errors;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  const what = event === undefined ? 'This is no sound message' : `This is no sound ${describeEvent(event)} message`;
  const message = `${what}: ${first?.diagnostics ?? ''} (${first?.rule ?? ''}${first?.expression ? `, ${first.expression.join()}` : ''})${more}`;
  return new MessagingError('message.invalid', message, { issues });
}
