import { eventNameOf, isSameEvent } from '@fhir-messaging/core';
import type { AnyEvent, Message, OutboxFacts } from '@fhir-messaging/core';
import type { FollowUp } from './outbox.ts';

/** What an outbox stores of a message. */
export interface Description {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The `fullUrl` of what it is about. */
  readonly focus: string | undefined;
  readonly facts: OutboxFacts;
}

/** What describing a message takes. */
export interface Describing {
  /** What it follows. */
  readonly after: string | undefined;
  readonly events: readonly AnyEvent[];
  readonly newId: () => string;
}

/** An id as an entry has it: without its URN, and in lower case where it is a UUID. */
export function plain(id: string): string {
  const bare = id.replace(/^urn:(uuid|oid):/i, '');
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare) ? bare.toLowerCase() : bare;
}

/**
 * What is stored of a message, or of what one is to be made of. What follows another is a draft until that one's ids are known.
 *
 * @throws {TypeError} when a message is to be made of an event that the outbox does not have.
 */
export function describe(content: Message | FollowUp, { after, events, newId }: Describing): Description {
  const { graph, release = 'R4' } = content;
  const isMessage = 'bytes' in content;
  const event = isMessage ? eventNameOf(graph.header) : content.event;
  if (after !== undefined && !events.some((known) => event && isSameEvent(known, event))) {
    throw new TypeError('outbox.enqueue: what follows a message is written when its time comes; give its event to createOutbox.');
  }
  if (!isMessage && after === undefined) {
    throw new TypeError('outbox.enqueue: a graph goes after the message that it follows; say `after`.');
  }
  const first = graph.entries[0]?.key ?? '';
  const focus = graph.linksFrom(first).find(({ path }) => path === 'MessageHeader.focus[0]')?.target;
  const { resourceType, type, entry = [] } = graph.bundle;
  const bytes = isMessage ? content.bytes : new TextEncoder().encode(JSON.stringify({ resourceType, type, entry: graph.header ? entry.slice(1) : entry }));
  const facts: OutboxFacts = {
    state: 'pending',
    event: event && { coding: event.coding, uri: event.uri },
    release,
    after,
    isDraft: after !== undefined,
    sends: 0,
    sentAtMs: undefined,
    mayBeRepeated: false,
    reason: undefined,
  };
  return { id: plain((isMessage ? content.identity.message : undefined) ?? newId()), bytes, focus, facts };
}
