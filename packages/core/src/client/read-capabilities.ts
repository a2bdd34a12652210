import { MessagingError } from '../errors.ts';
import { eventNameOf } from '../event/event-name.ts';
import type { EventName } from '../event/event-name.ts';
import { isMessageCategory } from '../fhir/codes.ts';
import type { MessageCategory } from '../fhir/codes.ts';
import type { Peer } from '../exchange/retry.ts';
import { isObject, member, objectsIn, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';

/** A message type that the other side takes, or sends. */
export interface SupportedEvent {
  readonly mode: 'sender' | 'receiver';
  /** The canonical URL of its MessageDefinition; one that begins with `#` is contained in the statement. */
  readonly definition: string;
  /** The event's name, where the MessageDefinition is contained; `isSameEvent` compares it with an event of yours. */
  readonly event: EventName | undefined;
  readonly category: MessageCategory | undefined;
}

/** What the other side says that it can do with messages. */
export interface Capabilities {
  /** Where it takes messages by HTTP. */
  readonly endpoints: readonly string[];
  readonly events: readonly SupportedEvent[];
  /** For `createMessenger({ peer })`: says how long a `consequence` of unknown delivery is safe to send again. */
  readonly peer: Peer;
  /** Whether its REST server has `$process-message`. */
  readonly processMessage: boolean;
}

const operation = /^http:\/\/hl7\.org\/fhir\/OperationDefinition\/MessageHeader-process-message(\||$)/;

/**
 * Reads what a CapabilityStatement, of any release, says about messaging. Nothing that it does not say is assumed: without `reliableCache`
 * the peer is not known to recognise a message that comes again; of several that it gives as a receiver, the shortest counts.
 *
 * @param statement - the JSON of `/metadata`, as it came.
 * @throws {MessagingError} `reply.invalid` where that is no object, or a resource of another type, such as an OperationOutcome.
 * @see {@link https://hl7.org/fhir/R4/capabilitystatement.html} CapabilityStatement.messaging
 * @example createMessenger({ transport, peer: readCapabilities(await (await fetch(`${baseUrl}/metadata`)).json()).peer })
 */
export function readCapabilities(statement: unknown): Capabilities {
  if (!isObject(statement) || (statement['resourceType'] ?? 'CapabilityStatement') !== 'CapabilityStatement') {
    throw new MessagingError('reply.invalid', 'What was read is no CapabilityStatement.');
  }
  const contained = objectsIn(member(statement, 'contained'));
  const messaging = objectsIn(member(statement, 'messaging'));
  const operations = objectsIn(member(statement, 'rest'))
    .filter((rest) => textIn(rest, 'mode') === 'server')
    .flatMap((rest) => objectsIn(rest['operation']));
  return {
    endpoints: messaging.filter(receives).flatMap((block) => objectsIn(block['endpoint']).filter(isHttp).flatMap((endpoint) => textIn(endpoint, 'address') ?? [])),
    events: messaging.flatMap((block) => eventsOf(block, contained)),
    peer: { reliableCacheMinutes: shortestCache(messaging) },
    processMessage: operations.some(({ name, definition }) => /^\$?process-message$/.test(String(name)) || operation.test(String(definition))),
  };
}

function isHttp(endpoint: JsonObject): boolean {
  return textIn(endpoint['protocol'], 'code') === 'http';
}

function eventsOf(block: JsonObject, contained: readonly JsonObject[]): readonly SupportedEvent[] {
  return objectsIn(block['supportedMessage']).flatMap((supported) => {
    const mode = textIn(supported, 'mode');
    const definition = textIn(supported, 'definition');
    if ((mode !== 'sender' && mode !== 'receiver') || definition === undefined) {
      return [];
    }
    const own = contained.find(({ id, resourceType }) => resourceType === 'MessageDefinition' && definition === `#${String(id)}`);
    const category = own?.['category'];
    return [{ mode, definition, event: eventNameOf(own), category: isMessageCategory(category) ? category : undefined }];
  });
}

/** Whether a block takes messages. Where it lists only messages that are sent, its endpoint is where these come from. */
function receives(block: JsonObject): boolean {
  const modes = objectsIn(block['supportedMessage']).map((supported) => supported['mode']);
  return modes.length === 0 || modes.includes('receiver');
}

/** The shortest `reliableCache` of the blocks that receive: a sender's is what it expects of others. */
function shortestCache(messaging: readonly JsonObject[]): number | undefined {
  const minutes = messaging.filter(receives).map((block) => block['reliableCache']).map((value) => (typeof value === 'number' && value >= 0 ? value : undefined));
  return minutes.reduce<number | undefined>((least, value) => (least === undefined || value === undefined ? undefined : Math.min(least, value)), minutes[0]);
}
