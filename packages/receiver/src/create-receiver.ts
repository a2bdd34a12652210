import { isSameEvent, MessagingError } from '@fhir-messaging/core';
import type { AnyEvent, IdentityStrategy, ReliableCache, Source } from '@fhir-messaging/core';
import { memoryCache } from './cache/memory-cache.ts';
import { writeCapabilityStatement } from './capabilities/capability-statement.ts';
import { routeOf } from './receive/handler.ts';
import type { Route } from './receive/handler.ts';
import { processMessage } from './receive/process-message.ts';
import type { ProcessResult } from './receive/process-result.ts';
import type { ContentErrors, Reception } from './receive/reception.ts';
import type { Receiver } from './receiver.ts';

/** What a receiver is made of. */
export interface ReceiverOptions {
  /** Who replies: `MessageHeader.source` of every reply. */
  readonly source: Source;
  /** How messages are named, and what a reply quotes. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** What remembers processed messages. @defaultValue memoryCache() */
  readonly cache?: ReliableCache | undefined;
  /** The server that replied resources are on: those with an id get `[base]/Type/id` as `fullUrl`. */
  readonly base?: string | undefined;
  /** What content against its event's contract is answered with: 422 (`http`), or a `fatal-error` reply (`message`). @defaultValue 'http' */
  readonly contentErrors?: ContentErrors | undefined;
  /** Is told what a handler threw, which no sender is told. What it throws is ignored. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Gives a fresh UUID. @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
  /** Gives the time for `Bundle.timestamp`. */
  readonly now?: (() => Date) | undefined;
}

/**
 * A receiver: a handler for each event, and a cache by which a message that comes again is answered as before and not processed again.
 *
 * That is effectively once, for as long as the cache remembers; the cache in memory ends with its process.
 *
 * @template TContext - what handlers get as `context`.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 * @example createReceiver({ source: 'https://manager.example.org' }).on(submitServiceRequest, ({ payload }) => ({ focus: [payload.ServiceRequest] }))
 */
export function createReceiver<TContext = undefined>(options: ReceiverOptions): Receiver<TContext>;
export function createReceiver(options: ReceiverOptions): Receiver<unknown> {
  const { source, identity, base, now, newId = () => crypto.randomUUID() } = options;
  const routes: Route[] = [];
  const active = new Set<Promise<ProcessResult>>();
  let closed = false;
  const reception: Reception = {
    routes,
    cache: options.cache ?? memoryCache(),
    identity,
    contentErrors: options.contentErrors ?? 'http',
    writing: { source, identity, base, newId, now },
    onError: options.onError,
    newId,
    running: new Map(),
  };
  const receiver: Receiver<unknown> = Object.freeze<Receiver<unknown>>({
    on(event, handler) {
      addRoute(routes, event, routeOf(event, handler));
      return receiver;
    },
    async process(input, { sender, signal, context, limits } = {}) {
      if (closed) {
        throw new MessagingError('closed', 'The receiver was closed.');
      }
      const work = processMessage(input, { sender, context, limits, signal: signal ?? new AbortController().signal }, reception);
      active.add(work);
      try {
        return await work;
      } finally {
        active.delete(work);
      }
    },
    capabilityStatement(asked = {}) {
      const date = (now?.() ?? new Date()).toISOString();
      const facts = { source, receives: routes.map(({ event }) => event), reliableCacheMinutes: reception.cache.minutes, isAsyncOffered: false, date };
      return writeCapabilityStatement(facts, asked);
    },
    async close() {
      closed = true;
      await Promise.allSettled(active);
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
