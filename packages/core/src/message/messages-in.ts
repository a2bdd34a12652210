import { isObject, itemsOf, member } from '../fhir/json.ts';
import { readMessage } from './read-message.ts';
import type { ReadMessageOptions } from './read-message.ts';
import type { Message } from './message.ts';

/**
 * The messages in a Bundle of messages: a searchset from a mailbox, a batch, a collection. A message itself gives just itself.
 *
 * Entries that hold no message Bundle are passed over.
 *
 * @throws {MessagingError} `message.invalid` when one of them is no sound message, as {@link readMessage} does.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#rest} Messaging by REST
 */
export function messagesIn(bundle: object, options: Omit<ReadMessageOptions<undefined>, 'event'> = {}): readonly Message[] {
  if (member(bundle, 'type') === 'message') {
    return [readMessage(bundle, options)];
  }
  return itemsOf(member(bundle, 'entry')).flatMap((entry) => {
    const resource = member(entry, 'resource');
    return isObject(resource) && resource['resourceType'] === 'Bundle' && resource['type'] === 'message' ? messagesIn(resource, options) : [];
  });
}
