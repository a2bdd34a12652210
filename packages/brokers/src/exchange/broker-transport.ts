import { isMessagingError, MessagingError, responseRequestOf, wantsReply } from '@fhir-messaging/core';
import type { Message, Outgoing, Receipt, Transport } from '@fhir-messaging/core';
import { propertiesOf } from '../mapping/message-properties.ts';
import type { MessageProperties, TraceContext } from '../mapping/message-properties.ts';
import { orderingKeys } from '../mapping/ordering-key.ts';
import type { OrderingOptions } from '../mapping/ordering-key.ts';
import { withConfirmLimit } from './confirm-limit.ts';
import { requireWithinLimit } from './size-limit.ts';
import { withTimeLimit } from './time-limit.ts';
import { unsent } from './unsent.ts';
import type { WaitingReplies } from './waiting-replies.ts';

/** The options of every broker's transport. */
export interface BrokerTransportOptions extends OrderingOptions {
  /** The largest message that the broker takes, in bytes. */
  readonly maxMessageBytes?: number | undefined;
  /** How long the broker may take to confirm a message, and before that, to let replies come in, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** Whether the header for the subject (`ce_subject`, on AMQP `cloudEvents:subject`) says the focus's reference. It may point at a person. @defaultValue false */
  readonly includeSubject?: boolean | undefined;
  /** The trace that a message belongs to; passed on as `traceparent` and `tracestate`. It may throw, as `orderBy` may. */
  readonly trace?: ((message: Message) => TraceContext | undefined) | undefined;
}

/** A message on its way to a broker. */
export interface Publication {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly properties: MessageProperties;
  readonly message: Message;
}

/** Where the replies to a transport's requests come in. */
export interface ReplyLine {
  readonly waiting: WaitingReplies;
  /** Resolves with the reply target when replies can come in: nothing is sent before. */
  readonly ready: () => Promise<string>;
  /** What keeps replies from coming in so far, where that is known. */
  readonly obstacle?: () => unknown;
}

/** A broker's client, for its transport. */
export interface BrokerLine {
  /**
   * Sends a message, and resolves when the broker confirmed that it has it.
   *
   * @param mayHaveArrived - is called just before the broker may have it.
   * @throws {MessagingError} with `delivery`, when the broker did not confirm: `no` where it surely has nothing.
   */
  readonly publish: (publication: Publication, signal: AbortSignal, mayHaveArrived: () => void) => Promise<void>;
  readonly maxMessageBytes: number;
  /** The line on which replies come in; `undefined` where none is waited for. */
  readonly replies?: ReplyLine | undefined;
}

/**
 * A transport over a broker's client.
 *
 * An attempt resolves with the reply message; or, where none is waited for (an asynchronous exchange, no reply wanted, no reply target of ours), with
 * custody as soon as the broker confirmed. An attempt is one publishing.
 *
 * @throws {MessagingError} `input.limit` for a message past the limit, before anything is sent; `transport.failed`, `delivery: 'no'`, where replies cannot
 * come in within `confirmTimeoutMs`, or where `orderBy` or `trace` throws anything but a MessagingError, which keeps its code; `transport.timeout` when the
 * broker, which may have the message, did not confirm in time; the line's own errors.
 * @throws {TypeError} when `orderingSecret` is shorter than 16 bytes, or missing beside `orderBy`.
 */
export function brokerTransport(line: BrokerLine, options: BrokerTransportOptions): Transport {
  const { confirmTimeoutMs = 10_000, includeSubject, trace } = options;
  const keyOf = orderingKeys(options);
  return async function publishMessage({ bytes, message, async, responseUrl, onLeaving, signal }: Outgoing): Promise<Receipt> {
    requireWithinLimit(bytes.byteLength, options.maxMessageBytes ?? line.maxMessageBytes);
    const { replies } = line;
    const orderingKey = await unsent(() => keyOf(message));
    signal.throwIfAborted();
    const replyTarget = responseUrl ?? (replies && (await listening(replies, confirmTimeoutMs, signal)));
    const { traceparent, tracestate } = (await unsent(() => trace?.(message))) ?? {};
    const properties = propertiesOf(message, { traceparent, tracestate, replyTarget, orderingKey, includeSubject });
    onLeaving?.();
    signal.throwIfAborted();
    const isAwaited = async !== true && responseUrl === undefined && expectsReply(message);
    const expected = isAwaited ? replies?.waiting.expect(message, signal) : undefined;
    try {
      await withConfirmLimit(confirmTimeoutMs, signal, (limited, mayHaveArrived) => line.publish({ bytes, properties, message }, limited, mayHaveArrived));
      return expected === undefined ? { body: undefined, custody: true } : { body: await expected.reply };
    } catch (error) {
      // A reply proves that the message arrived, whatever became of its confirmation.
      const body = expected?.came();
      if (body === undefined) throw error;
      return { body };
    } finally {
      expected?.forget();
    }
  };
}

async function listening(replies: ReplyLine, limitMs: number, signal: AbortSignal): Promise<string> {
  const timeUp = (): MessagingError => nowhere(replies.obstacle?.() ?? new Error(`It was not there within ${limitMs} ms.`));
  try {
    return await withTimeLimit(limitMs, signal, timeUp, () => replies.ready());
  } catch (cause) {
    signal.throwIfAborted();
    throw isMessagingError(cause) ? cause : nowhere(cause);
  }
}

function nowhere(cause: unknown): MessagingError {
  return new MessagingError('transport.failed', 'There is nowhere for a reply to come in: nothing was sent.', { delivery: 'no', cause });
}

/** Whether a reply is waited for; not one that comes only of an error, since without an error nothing would ever come. */
function expectsReply(message: Message): boolean {
  return wantsReply(responseRequestOf(message), 'ok');
}
