import { MessagingError } from '../errors.ts';
import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import { eventNameOf } from '../event/event-name.ts';
import type { PayloadOf } from '../event/payload.ts';
import type { ResponseRequest } from '../fhir/codes.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import { expectsNoReply } from '../exchange/expects-reply.ts';
import { oneSend } from '../exchange/one-send.ts';
import type { Sender } from '../exchange/one-send.ts';
import { pendingReplies } from '../exchange/pending-replies.ts';
import { keyOf } from '../exchange/pending-request.ts';
import type { PendingStore } from '../exchange/pending-store.ts';
import { tell } from '../exchange/progress.ts';
import type { MessageNames, ProgressEvent, ProgressListener } from '../exchange/progress.ts';
import type { MessageReply, Reply } from '../exchange/reply.ts';
import { untilAborted } from '../exchange/until-aborted.ts';
import type { AcceptResult } from '../exchange/accept-reply.ts';
import { deliver } from '../exchange/deliver.ts';
import type { Delivering, DeliveryOptions } from '../exchange/deliver.ts';
import type { OwnCheck } from '../exchange/own-check.ts';
import type { Transport } from '../exchange/transport.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { isGraph } from '../graph/graph-value.ts';
import type { Destination, Source } from '../message/compose-header.ts';
import { createMessage } from '../message/create-message.ts';
import type { CreateMessageOptions } from '../message/create-message.ts';
import { strategyFor } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { MessageInput } from '../message/read-input.ts';
import { withResponseRequest } from '../message/with-response-request.ts';

/** The parts of a messenger. `transport`, `check` and `observe` are called on it; its other functions without it: they need no `this`. */
export interface MessengerOptions extends DeliveryOptions {
  /** Moves messages: `processMessageTransport`, or a client's or a broker's adapter. */
  readonly transport: Transport;
  /** Who sends, for `messenger.create`. */
  readonly source?: Source | undefined;
  /** Where messages go, for `messenger.create`. */
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** The release that `messenger.create` writes where neither its options nor its graph says one. @defaultValue 'R4' */
  readonly release?: Release | undefined;
  /**
   * The store of requests whose replies come later. With a given store the messenger keeps every message that it sends, since a server may answer
   * any of them later; without one, those that are sent with `async`, and those that the other side took over and that want a reply: these stay in
   * memory, their graph until the reply comes, or for `replyWithinMs`, their bytes for twice that time, answered or not. The
   * others are forgotten when their send ends, with their replies: a late copy of one then counts as the reply to a message that is being sent again.
   * @defaultValue in memory
   */
  readonly pending?: PendingStore | undefined;
  /** Is told of the progress of every send. What it throws is ignored. */
  readonly observe?: ProgressListener | undefined;
  /** How long a reply that comes later may take, in milliseconds; its request is kept twice as long. @defaultValue 86_400_000, a day */
  readonly replyWithinMs?: number | undefined;
  /** A check of one's own before a message is sent, such as of its profiles; an error among its issues keeps the message here. */
  readonly check?: OwnCheck | undefined;
}

/** The options of one send. */
export interface SendOptions {
  /**
   * Ends the send; it then rejects with the signal's own reason, and the last progress event says what is known of delivery. It ends `reply.later`
   * too: as long as that waits, the signal has one listener for each such message.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Asks for an asynchronous exchange: the send resolves when the other side took the message over, and the reply comes by `accept`. A send that
   * joins another has the other's. @defaultValue false
   */
  readonly async?: boolean | undefined;
  /**
   * Where the reply goes, when not to the message's source; alone, it asks for an asynchronous exchange. With `async: false`, a TypeError. A send that
   * joins another has the other's.
   */
  readonly responseUrl?: string | undefined;
  /**
   * When a reply message is wanted, as an extension of the header; it is written into a message that does not say so, whose ids and other content
   * stay as they were. @defaultValue what the message says, else its event
   */
  readonly responseRequest?: ResponseRequest | undefined;
  /**
   * Called right before each request leaves, when its headers and its token are there: once for an attempt, and again when an adapter repeats it after
   * a 401. Check here what has to hold at that moment, such as who is signed in, and abort `signal` where it does not: an attempt that is stopped at
   * the first call counts as not sent. Your own transport has to call it. A send that joins another has the other's.
   */
  readonly onLeaving?: (() => void) | undefined;
  /** Is told of the progress of this send. What it throws is ignored. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What is known of a reply that came on its own. */
export interface AcceptOptions {
  /**
   * The sender's address, as authenticated, or any other name, which equals no destination's. A reply is refused where its sender is none of the
   * request's destinations; a request without a destination takes anybody's. @defaultValue not known: a reply is taken whoever sent it
   */
  readonly sender?: string | undefined;
}

/** Sends messages through a transport and matches the replies to them. */
export interface Messenger {
  /** `createMessage` with the messenger's source, destination, release, `newId` and clock. */
  create<TTable extends EventTable, TResource extends Resource>(
    event: EventContract<TTable, TResource>,
    content: PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>,
    options?: Partial<CreateMessageOptions>,
  ): Message<EventContract<TTable, TResource>, TResource>;
  /**
   * Sends a message and resolves with the other side's answer. A message that is sent again while it is being sent joins that send.
   *
   * @throws {MessagingError} with `delivery`, when no answer settles it: `transport.failed`, `transport.timeout`, `transport.status`,
   * `reply.invalid`, `reply.mismatch`, or the transport's own, such as `session.expired`, `address.refused`, `input.limit`.
   * `message.invalid` when the messenger's own check found an error; `transport.unsupported` when an
   * asynchronous exchange is asked for and the identity strategy has none, or the message has no id to quote; `closed`; `storage.unavailable` when the
   * `pending` store does not answer for ten seconds. An error of that store or of the `check` comes through, a MessagingError with `delivery`, any
   * other as it is; the last progress event says what is known of delivery.
   */
  send<TResource extends Resource>(message: Message<AnyEvent | undefined, TResource>, options?: SendOptions): Promise<Reply<TResource>>;
  /**
   * Whether a message whose `send` ended with a refusal, a `fatal-error` or `delivery: 'no'` went on since, as one in an outbox that a person had tried
   * again; also where nobody can tell. It never rejects. Missing where nothing goes on after its `send`.
   */
  wentOn?(message: Message<AnyEvent | undefined, Resource>): Promise<boolean>;
  /**
   * Takes a reply that came on its own, such as the body of a request to your own `$process-message`, or one of a polled mailbox; in a new process
   * too, where the pending store outlives the old one.
   *
   * A result with `isFromDestination: false` means that nobody knows whether the reply is from where the request went.
   *
   * @throws {MessagingError} `reply.invalid` when it is no reply, or cannot be read; `closed`. An error of the `pending` store comes through as it is.
   */
  accept(bundle: MessageInput | Message, options?: AcceptOptions): Promise<AcceptResult>;
  /** Takes no further messages and replies, and resolves when every running send has ended; every `reply.later` then rejects with `closed`. */
  close(): Promise<void>;
}

/**
 * A messenger over a transport.
 *
 * It sends a message again by itself when that is safe: the message surely did not arrive, or does no harm twice, or the other side is known to
 * recognise it. Any other `consequence` message stops with `delivery: 'unknown'` (see {@link RetryOptions.whenDeliveryUnknown}).
 *
 * @example
 * const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source: 'https://app.example.org' });
 * const reply = await messenger.send(messenger.create(submitServiceRequest, payload));
 */
export function createMessenger(options: MessengerOptions): Messenger {
  if (typeof options.transport !== 'function') {
    throw new TypeError('createMessenger: a transport is missing.');
  }
  let closed = false;
  const { pending, identity, replyWithinMs = 86_400_000, now = Date.now } = options;
  const replies = pendingReplies({ store: pending, identity, replyWithinMs, now });
  const sends = oneSend();
  const observe: ProgressListener = (event, about) => options.observe?.(event, about);
  const requireOpen = (): void => {
    if (closed) {
      throw new MessagingError('closed', 'The messenger was closed.', { delivery: 'no' });
    }
  };
  return Object.freeze<Messenger>({
    create(event, content, overrides = {}) {
      const { header, bundle, base, source = options.source, destination = options.destination, newId = options.newId, now: clock = options.now } = overrides;
      if (source === undefined) {
        throw new TypeError('messenger.create: a source is missing, here and in createMessenger.');
      }
      // A graph with a header says its release itself, and that counts more than the messenger's.
      const release = overrides.release ?? (isGraph(content) && content.header ? undefined : options.release);
      return createMessage(event, content, { header, bundle, base, release, source, destination, newId, now: clock });
    },
    async send(message, sendOptions = {}) {
      requireOpen();
      const { signal, responseUrl, responseRequest, onLeaving } = sendOptions;
      const about: MessageNames = { message: message.identity.message, event: eventNameOf(message.graph.header) };
      const async = sendOptions.async ?? responseUrl !== undefined;
      if (!async && responseUrl !== undefined) {
        tell([observe, sendOptions.onProgress], { kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }, about);
        throw new TypeError('messenger.send: async is false, with a responseUrl.');
      }
      const outgoing = responseRequest === undefined ? message : withResponseRequest(message, responseRequest);
      const strategy = strategyFor(message.release, identity);
      const key = keyOf(message, strategy);
      if (async && (key === undefined || !strategy.async)) {
        const why = strategy.async ? 'it has no id' : `the identity strategy ${strategy.name} has none of that`;
        throw new MessagingError('transport.unsupported', `This message cannot be sent asynchronously, since ${why}: nothing was sent.`, { delivery: 'no' });
      }
      const run: Sender['run'] = (shared, tellAll) => {
        const notify = (event: ProgressEvent): void => tell([observe, tellAll], event, about);
        const sending: Delivering = { async, responseUrl, onLeaving, signal: shared, notify };
        const isKept = async || pending !== undefined;
        if (key === undefined || (!isKept && expectsNoReply(outgoing))) {
          return deliver(outgoing, options, sending);
        }
        const onReply = ({ kind, attempts }: MessageReply): void => notify({ kind: 'replied', attempt: attempts, reply: kind });
        return replies.send({ key, message: outgoing, onReply, isKept, run: (watch) => deliver(outgoing, options, { ...sending, ...watch }) });
      };
      const reply = await sends.send({ key, bytes: outgoing.bytes, signal, onProgress: (event) => sendOptions.onProgress?.(event, about), run });
      return toRequest(message, reply.kind === 'accepted' && signal ? { ...reply, later: reply.later && unattended(untilAborted(reply.later, signal)) } : reply);
    },
    async accept(bundle, { sender } = {}) {
      requireOpen();
      return await replies.accept(bundle, sender);
    },
    async close() {
      closed = true;
      await sends.idle();
      replies.close();
    },
  });
}

/** The reply, in the resource types of its request. */
function toRequest<TResource extends Resource>(request: Message<AnyEvent | undefined, TResource>, reply: Reply): Reply<TResource>;
function toRequest(_: Message, reply: Reply): unknown {
  return reply;
}

/** A promise that nobody has to wait for. */
function unattended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
