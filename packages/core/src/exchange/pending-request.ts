import { eventNameOf, keyOfEvent } from '../event/event-name.ts';
import { objectsIn, textIn } from '../fhir/json.ts';
import { releases } from '../fhir/release.ts';
import { stateOf } from '../graph/graph-value.ts';
import { identityOf, isUuid, plainId } from '../message/identity.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { PendingRequest } from './pending-store.ts';

/** The key of a message, here and in a store: the id that its strategy says; one that is no UUID, together with its source and its system. */
export function keyOf(message: Message, strategy: IdentityStrategy): string | undefined {
  const { message: name, ids } = identityOf(message, strategy);
  const id = ids.find(({ value }) => value === name);
  // An id that is no UUID may stand in another message too, as another of its ids.
  return id && (isUuid(id.value) ? plainId(id.value) : JSON.stringify([id.source, id.system, plainId(id.value)]));
}

/** A message as a store keeps it while its reply is outstanding. */
export function pendingRequestOf(message: Message, sent: Pick<PendingRequest, 'key' | 'attempts' | 'ids' | 'sentAtMs'>, replyWithinMs: number): PendingRequest {
  const { release, bytes } = message;
  const { header } = stateOf(message.graph);
  const deadlineMs = sent.sentAtMs + replyWithinMs;
  const addresses = objectsIn(header?.['destination']).map((destination) => textIn(destination, releases[release].endpoint));
  return {
    ...sent,
    ids: sent.ids.map((id): MessageId => ({ ...id, value: plainId(id.value) })),
    release,
    event: keyOfEvent(eventNameOf(header) ?? {}),
    // R5 may name a destination by a reference alone: then not all addresses are known.
    destinations: addresses.every((address) => address !== undefined) ? addresses : [],
    bytes,
    deadlineMs,
    keepUntilMs: deadlineMs + replyWithinMs,
  };
}
