import { eventNameOf, isSameEvent, plainId } from '@fhir-messaging/core';
import type { AnyEvent, Message, OutboxFacts, Release } from '@fhir-messaging/core';
import { focusOf } from './focus-of.ts';
import type { KnownEvents } from './known-events.ts';
import type { FollowUp } from './outbox.ts';

/** A message as an outbox stores it. */
export interface Description {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The `fullUrl` of what it is about. */
  readonly focus: string | undefined;
  readonly facts: OutboxFacts;
}

/** What describing a message takes. */
export interface Describing extends KnownEvents {
  /** The id of the entry that the message follows. */
  readonly after: string | undefined;
  /** The release of that entry's message. */
  readonly release: Release | undefined;
  readonly newId: () => string;
}

/**
 * Describes, for the store, a message or the graph that one is to be made of. A follow-up is a draft until the ids of its predecessor are known; a
 * message without an id is named by the digest of its bytes.
 *
 * Rejects with a `TypeError` where the outbox does not know the event that a follow-up is written with, or knows another contract of a message's event,
 * or a graph follows nothing.
 */
export async function describe(content: Message | FollowUp, { after, release: before = 'R4', given, events, learn, newId }: Describing): Promise<Description> {
  const { graph, release = before } = content;
  const isMessage = 'bytes' in content;
  const event = isMessage ? eventNameOf(graph.header) : content.event;
  const contractAmong = (contracts: readonly AnyEvent[]): AnyEvent | undefined => contracts.find((known) => event && isSameEvent(known, event));
  const contract = content.event ? learn(content.event) : contractAmong(given);
  if (after !== undefined && !contractAmong(events)) {
    throw new TypeError('outbox.enqueue: give the event of what follows another message to createOutbox, in `events`.');
  }
  if (!isMessage && after === undefined) {
    throw new TypeError('outbox.enqueue: a graph follows another message: say `after`.');
  }
  const [focus] = focusOf(graph);
  const { resourceType, type, entry = [] } = graph.bundle;
  const bytes = isMessage ? content.bytes : new TextEncoder().encode(JSON.stringify({ resourceType, type, entry: graph.header ? entry.slice(1) : entry }));
  const facts: OutboxFacts = {
    state: 'pending',
    event: event && { coding: event.coding, uri: event.uri },
    contract: contract && { category: contract.category, reply: contract.reply, scopes: contract.scopes },
    release,
    after,
    isDraft: after !== undefined,
    sends: 0,
    sentAtMs: undefined,
    mayBeRepeated: false,
    reason: undefined,
  };
  return { id: isMessage ? plainId(content.identity.message ?? (await digestOf(bytes))) : plainId(newId()), bytes, focus, facts };
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
