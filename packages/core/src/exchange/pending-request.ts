import { eventNameOf, keyOfEvent } from '../event/event-name.ts';
import { objectsIn, textIn } from '../fhir/json.ts';
import { releases } from '../fhir/release.ts';
import { stateOf } from '../graph/graph-value.ts';
import { plainId } from '../message/identity.ts';
import type { MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { PendingRequest } from './pending-store.ts';

/** A message as a store keeps it while its reply is outstanding. */
export function pendingRequestOf(message: Message, sent: Pick<PendingRequest, 'key' | 'attempts' | 'ids' | 'sentAtMs'>, replyWithinMs: number): PendingRequest {
  const { release, bytes } = message;
  const header = stateOf(message.graph).records[0]?.glimpse;
  const deadlineMs = sent.sentAtMs + replyWithinMs;
  return {
    ...sent,
    ids: sent.ids.map((id): MessageId => ({ ...id, value: plainId(id.value) })),
    release,
    event: keyOfEvent(eventNameOf(header) ?? {}),
    destinations: objectsIn(header?.['destination']).flatMap((destination) => textIn(destination, releases[release].endpoint) ?? []),
    bytes,
    deadlineMs,
    keepUntilMs: deadlineMs + replyWithinMs,
  };
}
