import type { IdentityStrategy } from '../message/identity.ts';
import { member } from '../fhir/json.ts';
import { isSameId, plainId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { MessageInput } from '../message/read-input.ts';
import { readMessage } from '../message/read-message.ts';
import { quotedBy, readReply } from '../message/read-reply.ts';
import type { LaterReply } from './later-reply.ts';
import { messageReply } from './message-reply.ts';
import { baseOf } from './message-url.ts';
import type { PendingRecord, PendingStore } from './pending-store.ts';
import type { MessageReply } from './reply.ts';
import { replyIdOf } from './reply-id.ts';

/** A reply that was taken. */
export interface TakenReply {
  readonly request: Message;
  readonly reply: MessageReply;
  /**
   * Whether the reply came from where its request went. `false` where nobody can tell: the sender is not known, or the request names no
   * destination, so that anybody who knows its id may have replied.
   */
  readonly isFromDestination: boolean;
}

/** What `accept` found a reply to be, and did with it; the reply itself is there in every case. */
export type AcceptResult =
  /** The first reply to a request that waited for it. */
  | (TakenReply & { readonly kind: 'settled' })
  /** The first reply, after the request's deadline. */
  | (TakenReply & { readonly kind: 'late' })
  /**
   * The request was answered before: by this very reply, or by another one (`another`), since a server may reply more than once. Also told
   * of a reply whose handling broke off after `settled`.
   */
  | (TakenReply & { readonly kind: 'repeated'; readonly another: boolean })
  /** Somebody replied whom the request did not go to; nothing was done. */
  | { readonly kind: 'refused'; readonly request: Message; readonly reply: MessageReply }
  /** It answers no request that is known, or more than one message; nothing was done. */
  | { readonly kind: 'unknown'; readonly request?: undefined; readonly reply: MessageReply };

/** What a reply is accepted with. */
export interface Accepting {
  readonly store: PendingStore;
  readonly identity: IdentityStrategy | undefined;
  /** The sender's address, or any other name; `undefined` where the sender is not known. */
  readonly sender: string | undefined;
  readonly nowMs: number;
  /** The requests that this process sent, by their keys. */
  readonly waiting: ReadonlyMap<string, WaitingRequest>;
}

/** A request that this process sent. */
export interface WaitingRequest {
  readonly latest: LatestSend;
  readonly later: LaterReply;
  /** The ids of the replies that said `transient-error` on the connection of an attempt: their copies say nothing of the attempts after it. */
  readonly transientIds: ReadonlySet<string>;
}

/** The latest send of a request. */
export interface LatestSend {
  /** The request, with its contract. */
  readonly message: Message;
  /** Is told of a reply to it. */
  readonly onReply: (reply: MessageReply) => void;
}

/** Finds the request that a reply answers, and has the store remember the reply. @throws {MessagingError} `reply.invalid` when it is no reply. */
export async function acceptReply(input: MessageInput | Message, options: Accepting): Promise<AcceptResult> {
  const { store, identity, sender, nowMs, waiting } = options;
  const { message } = readReply(input);
  const quoted = quotedBy(message);
  const found = await store.find(plainId(quoted.value));
  const record = latestOfOne(found.filter(({ ids }) => ids.some((id) => isSameId(id, quoted))));
  if (record === undefined) {
    return { kind: 'unknown', reply: replyTo(undefined, message, identity) };
  }
  const { key, deadlineMs, destinations } = record;
  const reply = replyTo(record, message, identity);
  // No limits: this request was sent, however large it is.
  const request = waiting.get(key)?.latest.message ?? readMessage(record.bytes, { release: record.release, limits: { maxBytes: Infinity, maxEntries: Infinity } });
  const isFromDestination = sender !== undefined && destinations.some((destination) => baseOf(destination) === baseOf(sender));
  // Anybody may answer a request that names no destination: nothing says who should.
  if (sender !== undefined && destinations.length > 0 && !isFromDestination) {
    return { kind: 'refused', request, reply };
  }
  const taken = { request, reply, isFromDestination };
  const id = replyIdOf(message, identity);
  if (waiting.get(key)?.transientIds.has(id)) {
    return { ...taken, kind: 'repeated', another: false };
  }
  const earlier = await store.settle(key, id);
  if (earlier === undefined) {
    return { kind: 'unknown', reply };
  }
  const isNew = !earlier.includes(id);
  // A request that is sent again, after a transient-error or in a new process, waits for this reply, whatever came before.
  const sent = waiting.get(key);
  sent?.latest.onReply(reply);
  sent?.later.settle(reply, isNew);
  if (earlier.length > 0) {
    return { ...taken, kind: 'repeated', another: isNew };
  }
  return { ...taken, kind: nowMs > deadlineMs ? 'late' : 'settled' };
}

/**
 * The latest of the requests, where they are one message; `undefined` where they are several. Their entries tell: a resend in R5 may have a fresh
 * `Bundle.identifier`, and nothing else that is new.
 */
function latestOfOne(records: readonly PendingRecord[]): PendingRecord | undefined {
  const [latest, ...earlier] = [...records].sort((a, b) => b.sentAtMs - a.sentAtMs);
  const entries = earlier.length > 0 ? latest && entriesOf(latest) : undefined;
  return earlier.length === 0 || (entries !== undefined && earlier.every((record) => entriesOf(record) === entries)) ? latest : undefined;
}

/** The entries of a request, as text. The header's id alone would not do: a system may give all its messages the same. */
function entriesOf({ bytes }: PendingRecord): string | undefined {
  try {
    return JSON.stringify(member(JSON.parse(new TextDecoder().decode(bytes)), 'entry'));
  } catch {
    return undefined;
  }
}

function replyTo(record: PendingRecord | undefined, message: Message, identity: IdentityStrategy | undefined): MessageReply {
  return messageReply(readReply(message, { ids: record?.ids, identity }), { http: undefined, attempts: record?.attempts ?? 0 });
}
