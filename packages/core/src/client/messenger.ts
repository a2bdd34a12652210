import { MessagingError } from '../errors.ts';
import type { EventContract, EventTable } from '../event/event-contract.ts';
import type { PayloadOf } from '../event/payload.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Observer } from '../exchange/progress.ts';
import type { Reply } from '../exchange/reply.ts';
import { deliver } from '../exchange/deliver.ts';
import type { DeliveryOptions } from '../exchange/deliver.ts';
import type { OwnCheck } from '../exchange/own-check.ts';
import type { Transport } from '../exchange/transport.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { Destination, Source } from '../message/compose-header.ts';
import { createMessage } from '../message/create-message.ts';
import type { CreateMessageOptions } from '../message/create-message.ts';
import type { Message } from '../message/message.ts';

/** What a messenger is made of. */
export interface MessengerOptions extends DeliveryOptions {
  /** What moves messages: `processMessageTransport`, or a client's or a broker's adapter. */
  readonly transport: Transport;
  /** Who sends, for `messenger.create`. */
  readonly source?: Source | undefined;
  /** Where messages go, for `messenger.create`. */
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** A check of one's own before a message is sent, such as of its profiles; an error among its issues keeps the message here. */
  readonly check?: OwnCheck | undefined;
}

/** What one send takes. */
export interface SendOptions {
  /** Ends the send; it then rejects with the signal's own reason, and the last progress event says what is known of delivery. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Observer | undefined;
}

/** Sends messages through a transport and matches the replies to them. */
export interface Messenger {
  /** `createMessage` with the messenger's source and destination. */
  create<TTable extends EventTable, TResource extends Resource>(
    event: EventContract<TTable, TResource>,
    content: PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>,
    options?: Partial<CreateMessageOptions>,
  ): Message<EventContract<TTable, TResource>, TResource>;
  /**
   * Sends a message and resolves with what the other side said of it.
   *
   * @throws {MessagingError} with `delivery`, when nobody said: `transport.failed`, `transport.timeout`, `transport.status`,
   * `reply.invalid`, `reply.mismatch`. `message.invalid` when the messenger's own check found an error; `closed`.
   */
  send(message: Message, options?: SendOptions): Promise<Reply>;
  /** Takes no further messages; what is being sent goes on. */
  close(): void;
}

/**
 * A messenger over a transport.
 *
 * It sends a message again by itself when that is safe: what surely did not arrive, and what the other side is known to recognise. A
 * `consequence` message that may have arrived stops with `delivery: 'unknown'` otherwise (see {@link RetryOptions.whenDeliveryUnknown}).
 *
 * @example
 * const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source: 'https://app.example.org' });
 * const reply = await messenger.send(messenger.create(submitServiceRequest, payload));
 */
export function createMessenger(options: MessengerOptions): Messenger {
  let closed = false;
  return Object.freeze<Messenger>({
    create(event, content, overrides = {}) {
      const source = overrides.source ?? options.source;
      if (source === undefined) {
        throw new TypeError('messenger.create: a source is missing; give one to createMessenger or here.');
      }
      const destination = overrides.destination ?? options.destination;
      return createMessage(event, content, { ...overrides, source, destination, newId: overrides.newId ?? options.newId });
    },
    async send(message, sendOptions = {}) {
      if (closed) {
        throw new MessagingError('closed', 'The messenger was closed.', { delivery: 'no' });
      }
      return await deliver(message, { ...options, ...sendOptions });
    },
    close() {
      closed = true;
    },
  });
}
