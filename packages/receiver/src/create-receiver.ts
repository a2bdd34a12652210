import { isSameEvent, MessagingError } from '@fhir-messaging/core';
import type { AnyEvent, IdentityStrategy, ReliableCache, Source } from '@fhir-messaging/core';
import { memoryCache } from './cache/memory-cache.ts';
import { writeCapabilityStatement } from './capabilities/capability-statement.ts';
import { closeWithin } from './close-within.ts';
import { custodyKeeping } from './custody/custody-keeping.ts';
import { resumeUnfinished } from './custody/resume-unfinished.ts';
import type { AboutMessage } from './receive/about-message.ts';
import { requireHandled, routeOf } from './receive/handler.ts';
import type { Route } from './receive/handler.ts';
import type { InFlightOptions } from './receive/in-flight-options.ts';
import { processMessage } from './receive/process-message.ts';
import type { ProcessResult } from './receive/process-result.ts';
import type { ContentErrors, Reception } from './receive/reception.ts';
import { ownAddress } from './receive/take-reply.ts';
import type { AddressOf, Replies } from './receive/take-reply.ts';
import { wait } from './receive/wait.ts';
import type { Wait } from './receive/wait.ts';
import type { Receiver } from './receiver.ts';
import { requireSource } from './reply-address/reply-source.ts';
import type { ReplyTo } from './reply-address/reply-to.ts';
import { requireNumbers } from './require-numbers.ts';

/** The options of a receiver. */
export interface ReceiverOptions<TTransaction = undefined> {
  /** Who replies: `MessageHeader.source` of every reply. */
  readonly source: Source;
  /** How messages are named, and what a reply quotes. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** What remembers processed messages. @defaultValue memoryCache() */
  readonly cache?: ReliableCache<TTransaction> | undefined;
  /** The base of the server with the replied resources: each with an id gets `[base]/Type/id` as `fullUrl`, but for the request's own on another server. */
  readonly base?: string | undefined;
  /** The answer to content that breaks its event's contract: 422 (`http`), or a `fatal-error` reply (`message`). @defaultValue 'http' */
  readonly contentErrors?: ContentErrors | undefined;
  /** How a resend waits for the first message while that is being processed. */
  readonly inFlight?: InFlightOptions | undefined;
  /** A messenger that takes messages which are responses. Without it they are refused. */
  readonly replies?: Replies | undefined;
  /**
   * The address of an authenticated sender, which `replies` compares with the destination of the request. A sender without one may answer only
   * requests that name no destination. @defaultValue the sender itself, where that is an address
   */
  readonly addressOf?: AddressOf | undefined;
  /** Where replies of asynchronous exchanges are posted; without it `async` is refused. It needs a durable cache. */
  readonly replyTo?: ReplyTo | undefined;
  /**
   * Is told what no sender is told:
   *
   * - what a handler threw, at what its commit failed, or what the cache threw before;
   * - that a claim was lost (`lease.lost`), or why a reply that it posted was not taken;
   * - that an accepted message or a reply expired (`transport.timeout`).
   *
   * The second argument says which message it is about, where that is known. What `onError` throws is ignored.
   */
  readonly onError?: ((error: unknown, about?: AboutMessage) => void) | undefined;
  /** Gives a fresh UUID. @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
  /** Gives the time for `Bundle.timestamp`, in milliseconds. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
  /** Waits, and ends early where the signal aborts; for tests. @defaultValue by a timer */
  readonly wait?: Wait | undefined;
}

/**
 * A receiver: a handler for each event, and a cache by which a message that comes again is answered as before and not processed again.
 *
 * A message is processed effectively once, as long as the cache remembers it, for effects that the handler commits in the cache's own
 * transaction: a handler that stops half way, or loses its claim to another process, is run again. The cache in memory ends with its process.
 *
 * @throws {TypeError} when `source` says nothing; when `replyTo` is given, and the cache is not durable; when a number among the options is none, or no limit.
 * @template TContext - what handlers get as `context`.
 * @template TTransaction - what they get as `transaction`, by the cache.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 * @example createReceiver({ source: 'https://manager.example.org' }).on(submitServiceRequest, ({ graph }) => ({ focus: graph.focus, include: graph.entries.slice(1).flatMap(({ resource }) => resource ?? []) }))
 */
export function createReceiver<TContext = undefined, TTransaction = undefined>(
  options: ReceiverOptions<TTransaction>,
): Receiver<TContext, TTransaction>;
export function createReceiver(options: ReceiverOptions<unknown>): Receiver<unknown, unknown> {
  const { source, identity, base, inFlight = {}, now = Date.now, newId = () => crypto.randomUUID() } = options;
  requireSource(source);
  requireNumbers('inFlight', 'finite, and above 0', { pollMs: inFlight.pollMs });
  requireNumbers('inFlight', '0 or more', { waitMs: inFlight.waitMs, retryAfterSeconds: inFlight.retryAfterSeconds });
  const routes: Route[] = [];
  const active = new Set<Promise<ProcessResult>>();
  const closing = new AbortController();
  const ending = new AbortController();
  const cache = options.cache ?? memoryCache();
  const keeping = options.replyTo && custodyKeeping(options.replyTo, options.onError);
  if (keeping && keeping.replyTo.allowVolatileCustody !== true && !cache.isDurable) {
    throw new TypeError('createReceiver: replyTo needs a durable cache, since what is accepted must not end with the process, as it does in memoryCache, or a database in `:memory:`; or allowVolatileCustody.');
  }
  const reception: Reception = {
    routes,
    cache,
    replies: options.replies,
    addressOf: options.addressOf ?? ownAddress,
    keeping,
    identity,
    contentErrors: options.contentErrors ?? 'http',
    writing: { source, identity, base, newId, now },
    onError: options.onError,
    newId,
    inFlight,
    wait: options.wait ?? wait,
    closing: closing.signal,
    ending: ending.signal,
    running: new Map(),
  };
  const workDone = async (): Promise<void> => {
    await Promise.allSettled(active);
    // The active ones, and the round, may have left another message to finish.
    if (keeping) {
      await Promise.allSettled([keeping.round]);
      await Promise.allSettled(keeping.finishing.values());
    }
  };
  const receiver: Receiver<unknown, unknown> = Object.freeze<Receiver<unknown, unknown>>({
    on(event, handler) {
      requireHandled(event, handler);
      addRoute(routes, event, routeOf(event, handler));
      return receiver;
    },
    async process(input, { sender, signal = new AbortController().signal, context, limits, ownsBytes, onWait, check, async, responseUrl, errors } = {}) {
      if (closing.signal.aborted) {
        throw new MessagingError('closed', 'The receiver was closed.');
      }
      const work = processMessage(input, { sender, context, limits, ownsBytes, onWait, signal, check, errors, async: async === true ? { responseUrl } : undefined }, reception);
      active.add(work);
      try {
        return await work;
      } finally {
        active.delete(work);
      }
    },
    async resume({ context } = {}) {
      if (keeping === undefined) {
        throw new TypeError('receiver.resume: nothing is accepted without replyTo.');
      }
      await resumeUnfinished(keeping, context, reception);
    },
    capabilityStatement(asked = {}) {
      const date = new Date(now()).toISOString();
      const facts = { source, receives: routes.map(({ event }) => event), reliableCacheMinutes: cache.minutes, isAsyncOffered: keeping !== undefined && identity?.async !== false, date };
      return writeCapabilityStatement(facts, asked);
    },
    async close({ withinMs } = {}) {
      requireNumbers('close', 'finite, and 0 or more', { withinMs });
      closing.abort();
      const end = (): void => ending.abort(new MessagingError('closed', 'The receiver was closed, and its handlers took too long to end.'));
      await closeWithin(withinMs, workDone(), end, reception.wait);
    },
  });
  return receiver;
}

function addRoute(routes: Route[], event: AnyEvent, route: Route): void {
  if (routes.some((known) => isSameEvent(known.event, event))) {
    throw new TypeError(`receiver.on: ${event.coding?.code ?? event.uri ?? 'the event'} is handled already.`);
  }
  routes.push(route);
}
