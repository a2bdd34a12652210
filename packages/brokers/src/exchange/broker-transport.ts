import { isMessagingError, MessagingError, responseRequestOf, untilAborted, wantsReply } from '@fhir-messaging/core';
import type { Message, Outgoing, Receipt, Transport } from '@fhir-messaging/core';
import { propertiesOf } from '../mapping/message-properties.ts';
import type { MessageProperties, TraceContext } from '../mapping/message-properties.ts';
import { orderingKeys } from '../mapping/ordering-key.ts';
import type { OrderingOptions } from '../mapping/ordering-key.ts';
import { withConfirmLimit } from './confirm-limit.ts';
import { requireWithinLimit } from './size-limit.ts';
import type { WaitingReplies } from './waiting-replies.ts';

/** What every broker's transport takes. */
export interface BrokerTransportOptions extends OrderingOptions {
  /** The largest message that the broker takes, in bytes. */
  readonly maxMessageBytes?: number | undefined;
  /** How long the broker may take to confirm a message, in milliseconds. @defaultValue 10_000 */
  readonly confirmTimeoutMs?: number | undefined;
  /** Whether the header for the subject (`ce_subject`, on AMQP `cloudEvents:subject`) says the focus's reference. It may point at a person. @defaultValue false */
  readonly includeSubject?: boolean | undefined;
  /** The trace that a message belongs to; passed on as `traceparent` and `tracestate`. */
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
  /** Resolves with where replies come in, when they can: nothing is sent before. */
  readonly ready: () => Promise<string>;
}

/** What a broker's client does for its transport. */
export interface BrokerLine {
  /**
   * Sends, and resolves when the broker confirmed that it has the message.
   *
   * @param mayHaveArrived - is called when, from now on, the broker may have it.
   * @throws {MessagingError} with `delivery`, when it did not: `no` where the broker surely has nothing.
   */
  readonly publish: (publication: Publication, signal: AbortSignal, mayHaveArrived: () => void) => Promise<void>;
  readonly maxMessageBytes: number;
  /** Where replies come in, and who waits for them; `undefined` where nothing is waited for. */
  readonly replies?: ReplyLine | undefined;
}

/**
 * A transport over a broker's client.
 *
 * It resolves with the reply message; or, where none is waited for (an asynchronous exchange, no reply wanted, no reply target of ours), with custody as
 * soon as the broker confirmed. An attempt is one publishing.
 *
 * @throws {MessagingError} `input.limit` for a message past the limit, before anything is sent; `transport.timeout` when the broker did not
 * confirm in time, which may have it all the same; what the line throws.
 */
export function brokerTransport(line: BrokerLine, options: BrokerTransportOptions): Transport {
  const { confirmTimeoutMs = 10_000, includeSubject, trace } = options;
  const keyOf = orderingKeys(options);
  return async function publishMessage({ bytes, message, async, responseUrl, onLeaving, signal }: Outgoing): Promise<Receipt> {
    requireWithinLimit(bytes.byteLength, options.maxMessageBytes ?? line.maxMessageBytes);
    const { replies } = line;
    const orderingKey = await keyOf(message);
    signal.throwIfAborted();
    const replyTarget = responseUrl ?? (await listening(replies, signal));
    const properties = propertiesOf(message, { ...trace?.(message), replyTarget, orderingKey, includeSubject });
    onLeaving?.();
    signal.throwIfAborted();
    const isAwaited = async !== true && responseUrl === undefined && expectsReply(message);
    const expected = isAwaited ? replies?.waiting.expect(message, signal) : undefined;
    try {
      await withConfirmLimit(confirmTimeoutMs, signal, (limited, mayHaveArrived) => line.publish({ bytes, properties, message }, limited, mayHaveArrived));
      return expected === undefined ? { body: undefined, custody: true } : { body: await expected.reply };
    } catch (error) {
      // Who answered has the message, whatever became of its confirmation.
      const body = expected?.came();
      if (body === undefined) throw error;
      return { body };
    } finally {
      expected?.forget();
    }
  };
}

async function listening(replies: ReplyLine | undefined, signal: AbortSignal): Promise<string | undefined> {
  try {
    return replies && (await untilAborted(replies.ready(), signal));
  } catch (cause) {
    signal.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'There is nowhere for a reply to come in: nothing was sent.', { delivery: 'no', cause });
  }
}

/** A reply that only comes of an error is not waited for: without one nothing would ever come. */
function expectsReply({ graph, event }: Message): boolean {
  return wantsReply(responseRequestOf(graph.header, event?.reply), 'ok');
}
