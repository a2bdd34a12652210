import type { Release } from '../fhir/release.ts';
import type { MessageId } from '../message/identity.ts';

/** A request whose reply comes later, as plain values that JSON can hold, but for its bytes. */
export interface PendingRequest {
  /** Names the request, however often its message is sent: the message's id; one that is no UUID, together with its source and its system. */
  readonly key: string;
  /**
   * The ids of all its attempts, any of which a reply may quote. Their values are in one form, without `urn:uuid:` and a UUID in lower
   * case, so that a store compares them as text.
   */
  readonly ids: readonly MessageId[];
  readonly release: Release;
  /** The event: its URI, or its coding as `system|code`. */
  readonly event: string;
  /** The addresses that the message goes to, as its header says. Where there are any, a reply from another known sender is refused. */
  readonly destinations: readonly string[];
  /** The request to the byte. It holds patient data: a store protects it as the application protects its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many attempts there are, with the one that is about to begin. */
  readonly attempts: number;
  /** When the latest attempt began, in milliseconds since 1970, like the times below. */
  readonly sentAtMs: number;
  /** A reply after this is late. */
  readonly deadlineMs: number;
  /** After this the request is forgotten, answered or not; a reply then is to an unknown request. */
  readonly keepUntilMs: number;
}

/** A request that a store keeps. */
export interface PendingRecord extends PendingRequest {
  /** The ids of the replies that came, the oldest first; empty while it waits. */
  readonly replies: readonly string[];
}

/**
 * A messenger's memory of the requests whose replies come later, so that a reply finds its request, in another process too.
 *
 * The messenger decides what a reply means; the store only remembers. Every method is atomic, against other processes of the same store.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: `async`
 */
export interface PendingStore {
  /**
   * Remembers a request, before each of its attempts. Where the store has the key, it adds the ids to those that it has, keeps the replies that came, and
   * replaces all else.
   */
  put(request: PendingRequest): Promise<void>;
  /** The requests with an id of this value, in the form of {@link PendingRequest.ids}. */
  find(id: string): Promise<readonly PendingRecord[]>;
  /**
   * Remembers a reply to a request, once for each id.
   *
   * @returns the ids of the replies that came before this call, none for the first caller alone; `undefined` when there is no such request.
   */
  settle(key: string, replyId: string): Promise<readonly string[] | undefined>;
  /** Forgets the requests whose `keepUntilMs` is before this time. */
  expire(nowMs: number): Promise<void>;
}
