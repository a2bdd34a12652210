import type { FhirResource } from 'fhir/r4';
import { MessagingError, toIssues } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { isResponseCode } from '../fhir/codes.ts';
import type { ResponseCode } from '../fhir/codes.ts';
import { isError } from '../fhir/issue.ts';
import type { Issue } from '../fhir/issue.ts';
import { member, objectIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { isGraph, stateOf } from '../graph/graph-value.ts';
import { outcomeAt } from './check/response-rules.ts';
import { identityOf, isSameId, strategyFor } from './identity.ts';
import type { IdentitySource, IdentityStrategy, MessageId } from './identity.ts';
import type { MessageInput, ReadLimits } from './read-input.ts';
import type { Message } from './message.ts';
import { readMessage } from './read-message.ts';

/** The request that a reply is read against, and how. */
export interface ReadReplyOptions {
  /** The message that it should answer; without it, and without `ids`, nothing is matched. */
  readonly request?: Message | undefined;
  /** Further ids of the request, of its other attempts. */
  readonly ids?: readonly MessageId[] | undefined;
  /** Which id replies quote by rule. @defaultValue by the request's release: R4 `MessageHeader.id`, R5 `Bundle.identifier` */
  readonly identity?: IdentityStrategy | undefined;
  readonly limits?: ReadLimits | undefined;
}

/** A message that came back; its resources have the types of its request's, unchecked. */
export type ReplyMessage<TResource extends Resource = FhirResource> = Message<AnyEvent | undefined, TResource>;

/** A reply message, read. */
export interface ReplyReading {
  /** What the reply says of its request. */
  readonly code: ResponseCode;
  readonly message: ReplyMessage;
  /** What its OperationOutcome says. */
  readonly issues: readonly Issue[];
  /** Which id of the request it quotes; `undefined` when neither a request nor `ids` were given. */
  readonly matched: IdentitySource | undefined;
  /** Whether that is the id that the identity strategy says. */
  readonly matchedByRule: boolean;
  /** Whether it says `ok` beside an issue that is an error, which the spec forbids (MessageHeader.response.details). */
  readonly disagrees: boolean;
}

/**
 * Reads a reply message and matches it to its request by any of the request's ids, since systems differ in which one they quote.
 *
 * @throws {MessagingError} `reply.mismatch` when it quotes none of them; `reply.invalid` when it is no reply, or cannot be read.
 * @see {@link https://hl7.org/fhir/R4/messageheader-definitions.html#MessageHeader.response.identifier} MessageHeader.response.identifier
 * @example const { code, issues } = readReply(body, { request: referral });
 */
export function readReply(input: MessageInput | Message, options: ReadReplyOptions = {}): ReplyReading {
  const message = readAsMessage(input, options.limits);
  const response = responseOf(message);
  const code = response?.['code'];
  if (!response || !isResponseCode(code)) {
    throw new MessagingError('reply.invalid', 'The message is no reply: it has no response with a code.');
  }
  const matched = matchOf(message, options);
  const issues = issuesIn(message, response['details']);
  return {
    code,
    message,
    issues,
    matched: matched?.source,
    matchedByRule: matched?.byRule === true,
    disagrees: code === 'ok' && issues.some(isError),
  };
}

/** Whether a message answers another one: its header has a `response` (messageheader.html). */
export function isReply(message: Message): boolean {
  return responseOf(message) !== undefined;
}

/** What a message says of the one that it answers. @internal */
export function responseOf({ graph }: Message): JsonObject | undefined {
  return objectIn(stateOf(graph).header, 'response');
}

function readAsMessage(input: MessageInput | Message, limits: ReadLimits | undefined): ReplyMessage {
  if (isGraph(member(input, 'graph'))) {
    return asMessage(input);
  }
  try {
    return readMessage(input, { limits, event: undefined });
  } catch (cause) {
    throw new MessagingError('reply.invalid', 'What came back is no message that can be read.', { cause, issues: toIssues(cause) });
  }
}

function asMessage(input: MessageInput | Message): ReplyMessage;
function asMessage(input: unknown): unknown {
  return input;
}

/** The id that a reply quotes of its request: R4 as an `id`, R5 as an Identifier. @internal */
export function quotedBy(reply: Message): Pick<MessageId, 'value' | 'system'> {
  const identifier = responseOf(reply)?.['identifier'];
  return { value: typeof identifier === 'string' ? identifier : (textIn(identifier, 'value') ?? ''), system: textIn(identifier, 'system') };
}

function matchOf(reply: Message, options: ReadReplyOptions): { source: IdentitySource; byRule: boolean } | undefined {
  const { request, ids = [] } = options;
  if (request === undefined && ids.length === 0) {
    return undefined;
  }
  const quoted = quotedBy(reply);
  const strategy = strategyFor((request ?? reply).release, options.identity);
  const own = request === undefined ? [] : identityOf(request, strategy).ids;
  const match = [...own, ...ids].find((id) => isSameId(id, quoted));
  if (match === undefined) {
    throw new MessagingError('reply.mismatch', 'The reply quotes no id of the request: it answers another message.');
  }
  return { source: match.source, byRule: match.source === strategy.replyQuotes[0] };
}

/** The issues of the OperationOutcome in the details, else of every one in the reply: Netsmart's stands beside the other resources. */
function issuesIn({ graph }: ReplyMessage, details: unknown): readonly Issue[] {
  const outcome = outcomeAt(details, graph, 'lenient');
  return (outcome ? [outcome] : graph.all('OperationOutcome')).flatMap(toIssues);
}
