import { eventNameOf } from '@fhir-messaging/core';
import type { CacheKey, EventName, Message } from '@fhir-messaging/core';
import { messageIdIn } from '../cache/cache-key.ts';

/** The message that an error is about, where that is known: ids and names, never its content. */
export interface AboutMessage {
  /** The id that it is recognised by, such as `MessageHeader.id` in R4. */
  readonly message?: string | undefined;
  readonly event?: EventName | undefined;
  /** The authenticated sender. */
  readonly sender?: string | undefined;
}

/** What is known of a message that was read. */
export function aboutRead({ key, message }: { readonly key: CacheKey; readonly message: Message }, sender: string | undefined): AboutMessage {
  return { ...aboutStored(key, sender), event: eventNameOf(message.graph.header) };
}

/** What is known of a message that the cache has. */
export function aboutStored(key: CacheKey, sender: string | undefined): AboutMessage {
  return { message: messageIdIn(key), sender };
}
