import type { FhirResource } from 'fhir/r4';
import { isMessagingError, toIssues } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { eventNameOf, isSameEvent } from '../event/event-name.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Release } from '../fhir/release.ts';
import { stateOf } from '../graph/graph-value.ts';
import type { ParseOptions } from '../graph/parse-json.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import { issueOf } from './check/check-context.ts';
import { runChecks } from './check/run-checks.ts';
import { detectRelease } from './detect-release.ts';
import { readInput } from './read-input.ts';
import type { MessageInput, ReadLimits } from './read-input.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { requireSound } from './require-sound.ts';

/** How a message is read. */
export interface ReadMessageOptions<TEvent extends AnyEvent | undefined = AnyEvent | undefined> extends ParseOptions {
  /** The contract that it has to keep. */
  readonly event?: TEvent;
  /** Contracts to choose from: the one with the message's event is taken. */
  readonly events?: readonly AnyEvent[] | undefined;
  /** @defaultValue what the message looks like */
  readonly release?: Release | undefined;
  /** @defaultValue 'lenient' */
  readonly mode?: ResolutionMode | undefined;
  readonly limits?: ReadLimits | undefined;
  /** The bytes that a parsed value was parsed from; the message keeps them in place of new ones. Not to be changed. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
}

/** The options with a contract for the message. */
type WithEvent<TEvent extends AnyEvent> = ReadMessageOptions<TEvent> & { readonly event: TEvent };

/** The options without contracts to choose from. */
type WithoutEvents<TEvent extends AnyEvent | undefined> = ReadMessageOptions<TEvent> & { readonly events?: undefined };

/** A message with whichever contract was found for it. */
type AnyMessage = Message<AnyEvent | undefined, FhirResource>;

/** What reading a message gave: the message, or why there is none. */
export type ReadResult<TEvent extends AnyEvent | undefined, TMessage = Message<TEvent>> =
  | { readonly message: TMessage; readonly issues: readonly Issue[] }
  | { readonly message: undefined; readonly issues: readonly Issue[] };

/**
 * Reads a message from its text, its bytes or its parsed value, leniently: an element that real systems leave out is a warning in `message.issues`.
 *
 * Text and bytes are kept as they came. A parsed value is borrowed, as {@link graphOf} does; the given `bytes` that it was parsed from are kept.
 * A graph, or a message, which keeps its bytes, is read anew: in this call's mode, against this call's contract,
 * without limits.
 *
 * @throws {MessagingError} `json.invalid`, with line and column unless the bytes are not UTF-8; `input.limit`; `message.invalid`, with the issues,
 * when it is no message, or breaks its contract.
 * @example const message = readMessage(await request.text(), { event: submitServiceRequest });
 */
export function readMessage<TEvent extends AnyEvent>(input: MessageInput, options: WithEvent<TEvent>): Message<TEvent>;
export function readMessage(input: MessageInput, options?: WithoutEvents<undefined>): Message<undefined>;
export function readMessage<TEvent extends AnyEvent>(input: MessageInput, options: WithoutEvents<TEvent | undefined>): Message<TEvent | undefined>;
export function readMessage(input: MessageInput, options?: ReadMessageOptions): AnyMessage;
export function readMessage(input: MessageInput, options: ReadMessageOptions = {}): unknown {
  const mode = options.mode ?? 'lenient';
  const { graph, copyBytes, tolerant } = readInput(input, { parse: options.parse, limits: options.limits, mode });
  const { header, envelope } = stateOf(graph);
  const event = options.event ?? contractFor(header, options.events);
  const release = options.release ?? detectRelease(header, envelope);
  const issues = [...(tolerant ? issueOf('json.tolerant', mode) : []), ...runChecks(graph, { event, release, mode })];
  return messageOf({ event, graph, release, issues: requireSound(event, issues), bytes: copyBytes() ?? options.bytes });
}

/**
 * Reads a message as {@link readMessage} does, and gives the issues where that would throw a MessagingError.
 *
 * @example
 * const { message, issues } = safeReadMessage(text);
 * if (message === undefined) show(issues);
 */
export function safeReadMessage<TEvent extends AnyEvent>(input: MessageInput, options: WithEvent<TEvent>): ReadResult<TEvent>;
export function safeReadMessage(input: MessageInput, options?: WithoutEvents<undefined>): ReadResult<undefined>;
export function safeReadMessage<TEvent extends AnyEvent>(input: MessageInput, options: WithoutEvents<TEvent | undefined>): ReadResult<TEvent | undefined>;
export function safeReadMessage(input: MessageInput, options?: ReadMessageOptions): ReadResult<AnyEvent | undefined, AnyMessage>;
export function safeReadMessage(input: MessageInput, options: ReadMessageOptions = {}): unknown {
  try {
    const message = readMessage(input, options);
    return { message, issues: message.issues };
  } catch (error) {
    if (isMessagingError(error)) {
      return { message: undefined, issues: toIssues(error) };
    }
    throw error;
  }
}

function contractFor(header: unknown, events: readonly AnyEvent[] = []): AnyEvent | undefined {
  const name = eventNameOf(header);
  return name && events.find((event) => isSameEvent(event, name));
}
