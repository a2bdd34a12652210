import { MessagingError } from '../errors.ts';
import { eventNameOf } from '../event/event-name.ts';
import type { ResponseCode } from '../fhir/codes.ts';
import { isError } from '../fhir/issue.ts';
import type { Issue } from '../fhir/issue.ts';
import { member, present, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { releases } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { NamedEntry } from '../graph/add-entry.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { stateOf } from '../graph/graph-value.ts';
import { isId } from './check/check-context.ts';
import { composeAnswers } from './compose-answers.ts';
import { namingOf } from './compose-entries.ts';
import { requireSource } from './compose-header.ts';
import type { Source } from './compose-header.ts';
import { bareId, identityOf, strategyFor } from './identity.ts';
import type { IdentityStrategy, MessageId } from './identity.ts';
import { linkEntries } from './link-entries.ts';
import type { Message } from './message.ts';
import { toOperationOutcome } from './to-operation-outcome.ts';
import { writeMessage } from './write-message.ts';

/** A resource of any release and type package, a literal among them. */
export type AnyResource = Resource | (Resource & { readonly [element: string]: unknown });

/** The content of a reply. */
export interface ReplyContent {
  /** @defaultValue 'fatal-error' where an issue is an error, else 'ok' */
  readonly code?: ResponseCode | undefined;
  /** Findings; they become the OperationOutcome in `response.details`. */
  readonly issues?: readonly Issue[] | undefined;
  /**
   * The resources that answer the request, in focus. One of the request's own, as `payload` has it, keeps the targets of its references, and its
   * `fullUrl` where that is sound, unless you name it, or `base` does, which names none on another server. A copy is not the request's own: a relative
   * reference in it means the server that the copy is on, and is refused (`reference.server`) where the request has that type and id on another one.
   * A `urn:` in it means the request's entry of that name.
   */
  readonly focus?: readonly (AnyResource | NamedEntry<AnyResource>)[] | undefined;
  /**
   * Resources that those refer to. The request's entries that are referred to by their `urn:` go along by themselves, under that name. But a reference
   * from a resource of your own is refused, where another resource of your own has that type: it may be meant.
   */
  readonly include?: readonly (AnyResource | NamedEntry<AnyResource>)[] | undefined;
}

/** The options of a reply, its content among them. */
export interface CreateReplyOptions extends ReplyContent {
  /** Who replies. */
  readonly source: Source;
  /** Which id of the request is quoted. @defaultValue by release: R4 `MessageHeader.id`, R5 `Bundle.identifier` */
  readonly identity?: IdentityStrategy | undefined;
  /** The server that the resources are on: those with an id get `[base]/Type/id` as `fullUrl`, but for the request's own that are on another. */
  readonly base?: string | undefined;
  readonly newId?: (() => string) | undefined;
  readonly now?: (() => number) | undefined;
}

/**
 * Writes the reply to a message: the same event, the request's id quoted, its source as the destination, issues as the reply's details.
 *
 * @throws {MessagingError} `reply.invalid` when the request has no id that could be quoted; `message.invalid` when the reply would break a
 * rule, such as `ok` beside an error, or a copy of the request's resource refers to it by type and id alone (`reference.server`); `input.limit` when
 * a resource is nested more than 200 levels deep.
 * @throws {TypeError} when there is no source.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#response} Response messages
 * @example createReply(request, { source: 'https://manager.example.org/fhir', focus: [stored] })
 */
export function createReply(request: Message, options: CreateReplyOptions): Message<undefined, Resource> {
  requireSource(options.source, 'createReply');
  const naming = namingOf(options);
  const { release } = request;
  const { responseIdentifier, endpoint } = releases[release];
  const { header } = stateOf(request.graph);
  const { issues = [], focus = [], include = [] } = options;

  // A resource that is given twice goes in once.
  const answers = new Set([...focus, ...include]);
  const outcome = issues.length > 0 ? [toOperationOutcome(issues)] : [];
  const { entries, along, issues: unclear } = composeAnswers([...answers, ...outcome], request.graph, naming);
  const { ids } = identityOf(request, strategyFor(release, options.identity));
  const response: JsonObject = {
    identifier: responseIdentifier === 'id' ? quotedId(ids) : quotedIdentifier(ids),
    code: options.code ?? (issues.some(isError) ? 'fatal-error' : 'ok'),
    ...(outcome[0] && { details: { reference: entries.at(-1)?.fullUrl } }),
  };
  const content = linkEntries(entries, undefined, naming.base);
  // What goes along was not given by the caller, whose relative references do not mean it.
  const records = [...content.records, ...along.map((entry) => new EntryRecord(entry).freeze())];
  return writeMessage({
    event: undefined,
    name: eventNameOf(header) ?? {},
    release,
    source: options.source,
    destination: textIn(member(header, 'source'), endpoint),
    focus: entries.slice(0, new Set(focus).size).map(({ fullUrl }) => fullUrl),
    response,
    content: { ...content, records, issues: [...unclear, ...content.issues] },
    newId: naming.newId,
    now: options.now,
  });
}

/** The first id that can be quoted as FHIR's `id`, which a URN cannot (R4 MessageHeader.response.identifier). */
function quotedId(ids: readonly MessageId[]): string {
  return ids.map(({ value }) => bareId(value)).find(isId) ?? nothingToQuote();
}

function quotedIdentifier([first]: readonly MessageId[]): JsonObject {
  const { system, value } = first ?? nothingToQuote();
  return present({ system, value });
}

function nothingToQuote(): never {
  throw new MessagingError('reply.invalid', 'The request has no id that a reply could quote.');
}
