import { strategyFor } from '@fhir-messaging/core';
import type { Message, MessageCategory, Release } from '@fhir-messaging/core';
import type { OutboxParts } from './outbox-parts.ts';

/** The peer's memory is not relied on for this long before its end: the time that an attempt may take to arrive. */
const marginMs = 60_000;

/** How long the peer recognises a message of a release, less the margin. */
export function rememberedMs(release: Release, parts: OutboxParts): number {
  return rememberedMinutes(release, parts) * 60_000 - marginMs;
}

/** Whether the peer recognises messages of a release at all. */
export function remembers(release: Release, parts: OutboxParts): boolean {
  return rememberedMinutes(release, parts) > 0;
}

function rememberedMinutes(release: Release, { peer, identity }: OutboxParts): number {
  return peer?.reliableCacheMinutes ?? strategyFor(release, identity).reliableCacheMinutes ?? 0;
}

/**
 * The time from which a message that may have arrived is not sent again by itself, since the peer may no longer recognise it.
 *
 * @returns `Infinity` for a category that may be repeated, and for a message that was never sent.
 */
export function forgottenAtMs(sentAtMs: number | undefined, message: Message, parts: OutboxParts): number {
  if (sentAtMs === undefined || categoryOf(message) !== 'consequence') return Infinity;
  const named = strategyFor(message.release, parts.identity).message;
  // Nobody can recognise a message without an id.
  const isNamed = named.some((source) => message.identity.ids.some((known) => known.source === source));
  return sentAtMs + (isNamed ? rememberedMs(message.release, parts) : 0);
}

/** The category of a message; `consequence`, which must not be processed twice, where it came without a contract. */
export function categoryOf({ event }: Message): MessageCategory {
  return event?.category ?? 'consequence';
}
