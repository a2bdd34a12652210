import { payloadOf } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, Message, ReadPayloadOf, ReplyContent, ResourceOfEvent } from '@fhir-messaging/core';

/** A message that keeps its event's contract, as its handler gets it. */
export interface HandlerInput<TEvent extends AnyEvent, TContext, TTransaction = undefined> {
  readonly message: Message<TEvent>;
  /** The same as `message.graph`. */
  readonly graph: BundleGraph<ResourceOfEvent<TEvent>>;
  /** The resources, by the slots of the contract. */
  readonly payload: ReadPayloadOf<TEvent>;
  /** The authenticated sender; `undefined` where nobody was asked. */
  readonly sender: string | undefined;
  /**
   * Aborts when nobody waits for the reply any more: an outcome still counts then, and answers a resend. Aborts too when another process took the
   * message over (`lease.lost`), or the receiver waits no longer (`closed`): an outcome is then refused. A handler that stops for it throws, and a
   * resend is processed anew.
   */
  readonly signal: AbortSignal;
  /** The cache's transaction, whose effects are committed together with the outcome, or not at all; `undefined` where the cache is in memory. */
  readonly transaction: TTransaction;
  /** The context that `process` or `httpHandler` was given for the message. */
  readonly context: TContext;
}

/**
 * Processes a message and says what to reply; `undefined` means `ok`.
 *
 * The reply is final, `ok` and `fatal-error` alike: every resend of the message is answered with it, and the transaction is committed. Only a
 * `transient-error` lets a resend be processed, and so does a handler that fails: that throws, or whose transaction cannot be committed. Its sender
 * gets a 500 without the error's text. The transaction is undone in both cases.
 *
 * The code `ok` beside an issue that is an error contradicts it: the reply is a `fatal-error` with the issues alone, final as any, but the transaction is
 * undone, and `onError` is told.
 */
export type Handler<TEvent extends AnyEvent, TContext, TTransaction = undefined> = (
  input: HandlerInput<TEvent, TContext, TTransaction>,
) => ReplyContent | undefined | void | Promise<ReplyContent | undefined | void>;

/** An event and who handles it, whatever its types. */
export interface Route {
  readonly event: AnyEvent;
  readonly handler: Handler<AnyEvent, unknown, unknown>;
}

/** Refuses, at once, what handles nothing. @throws {TypeError} */
export function requireHandled({ coding, uri }: Pick<AnyEvent, 'coding' | 'uri'>, handler: unknown): void {
  if (coding === undefined && uri === undefined) {
    throw new TypeError('receiver.on: give an event, as defineEvent makes it.');
  }
  if (typeof handler !== 'function') {
    throw new TypeError(`receiver.on: ${coding?.code ?? uri} has no handler.`);
  }
}

/** A handler without the types of its event: the contract's check finds at run time what the compiler was told. */
export function routeOf<TEvent extends AnyEvent, TContext, TTransaction>(event: TEvent, handler: Handler<TEvent, TContext, TTransaction>): Route;
export function routeOf(event: AnyEvent, handler: unknown): unknown {
  return { event, handler };
}

type AnyHandlerInput = HandlerInput<AnyEvent, unknown, unknown>;
type Facts = Pick<AnyHandlerInput, 'sender' | 'signal' | 'transaction' | 'context'>;

/** A handler's input; the payload is read when it is asked for. */
export function inputOf(event: AnyEvent, message: Message, facts: Facts): AnyHandlerInput;
export function inputOf(event: AnyEvent, message: Message, facts: Facts): unknown {
  return new Input(event, message, facts);
}

class Input {
  declare readonly graph: BundleGraph;
  readonly #event: AnyEvent;

  constructor(event: AnyEvent, message: Message, facts: Facts) {
    this.#event = event;
    Object.assign(this, facts, { message, graph: message.graph });
    Object.defineProperty(this, 'payload', payload);
  }

  static payloadOf(input: Input): unknown {
    return payloadOf(input.#event, input.graph);
  }
}

/** One getter for all inputs: the engine keeps an object's own getters, with all that they close over, longer than the object. */
const payload = {
  enumerable: true,
  get(this: Input): unknown {
    return Input.payloadOf(this);
  },
};
