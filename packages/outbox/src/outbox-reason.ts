import type { ErrorCode, OutboxState } from '@fhir-messaging/core';

/** Why an entry is in its state: a code, which says nothing of the record. A row that a later version wrote may have another one. */
export type OutboxReason =
  /** What the messenger rejected with, or could not read or write; `session.expired` also where nobody was signed in. */
  | ErrorCode
  /** The messenger rejected with what is no MessagingError. */
  | 'exception'
  /** The status of a refusal. */
  | `http.${number}`
  /** A refusal without a status. */
  | 'refused'
  /** The code of the reply. */
  | 'fatal-error'
  | 'transient-error'
  /** The other side repeats one `transient-error`, whatever is sent. */
  | 'pinned'
  /** It was accepted as one that had come before. */
  | 'duplicate'
  /** The answer to a `retry` is the very reply that had come before. */
  | 'repeated'
  /** The outcome of a send was not stored, as its process ended. */
  | 'delivery.unknown'
  /** `confirm` said so. */
  | 'confirmed'
  /** A person said so, by `decide`. */
  | 'decided'
  /** The key that it, or the message before it, was sealed with is not here. */
  | 'locked'
  /** What was stored cannot be read. */
  | 'content.unreadable'
  /** It follows a message that is in this state, or gone. */
  | `predecessor.${OutboxState | 'removed'}`
  /** It is to be written under the server's ids, and its event is not known here. */
  | 'event.unknown';
