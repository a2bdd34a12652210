import { isMessagingError } from '../errors.ts';
import type { MessagingError } from '../errors.ts';
import { isObject, itemsOf, member } from '../fhir/json.ts';
import { readMessage } from './read-message.ts';
import type { ReadMessageOptions } from './read-message.ts';
import type { Message } from './message.ts';

/** How the messages in a Bundle are read. */
export interface MessagesInOptions extends Omit<ReadMessageOptions<undefined>, 'event' | 'bytes' | 'parse'> {
  /**
   * Is told of each message that is not sound, with its Bundle; the others are still given. @defaultValue the error of the first such message
   * is thrown, so that none is passed over in silence
   */
  readonly onUnsound?: ((error: MessagingError, bundle: object) => void) | undefined;
}

/**
 * The messages in a Bundle of messages: a searchset from a mailbox, a batch, a collection. A Bundle that is a message gives just that one.
 *
 * Entries that hold no message Bundle are passed over.
 *
 * @throws {MessagingError} `message.invalid`, `input.limit` when one of them is no sound message, as {@link readMessage} does; none with
 * `onUnsound`, which is told instead.
 * @throws {TypeError} when the input is no Bundle, such as text and bytes, which are to be parsed first, an array, or a server's OperationOutcome.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#rest} Messaging by REST
 * @example
 * for (const reply of messagesIn(mailbox, { onUnsound: (error, bundle) => setAside(bundle, error.issues) })) await messenger.accept(reply);
 */
export function messagesIn(bundle: object, options: MessagesInOptions = {}): readonly Message[] {
  if (member(bundle, 'resourceType') !== 'Bundle') {
    throw new TypeError('messagesIn: this is no parsed Bundle.');
  }
  if (member(bundle, 'type') === 'message') {
    return messageOrNone(bundle, options);
  }
  return itemsOf(member(bundle, 'entry')).flatMap((entry) => {
    const resource = member(entry, 'resource');
    return isObject(resource) && resource['resourceType'] === 'Bundle' && resource['type'] === 'message' ? messageOrNone(resource, options) : [];
  });
}

function messageOrNone(bundle: object, { events, release, mode, limits, onUnsound }: MessagesInOptions): readonly Message[] {
  try {
    return [readMessage(bundle, { events, release, mode, limits })];
  } catch (error) {
    if (onUnsound === undefined || !isMessagingError(error)) {
      throw error;
    }
    onUnsound(error, bundle);
    return [];
  }
}
