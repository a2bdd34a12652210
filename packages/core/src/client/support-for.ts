import type { AnyEvent } from '../event/event-contract.ts';
import { describeEvent, isSameEvent } from '../event/event-name.ts';
import type { Peer } from '../exchange/retry.ts';
import type { Capabilities } from './read-capabilities.ts';

/** Whether an event can be sent to a server, as far as its CapabilityStatement says. */
export interface EventSupport {
  /**
   * `no` where the server takes this event in another category, takes other events alone, or says no way to take messages; `unknown` where it lists
   * this one without an address, or does not say which it takes.
   */
  readonly supported: 'yes' | 'no' | 'unknown';
  /** A sentence that says why it is not supported, or not for certain. */
  readonly reason: string | undefined;
  /** The addresses where the server says that it takes messages by HTTP; empty where it only has `$process-message`. */
  readonly endpoints: readonly string[];
  /** For `createMessenger({ peer })`. */
  readonly peer: Peer;
}

/**
 * Says whether an event can be sent to a server: whether it has `$process-message` or an endpoint for HTTP, and lists the event as a receiver.
 *
 * An event is recognised where its MessageDefinition is contained in the statement; a definition that the statement only refers to tells nothing
 * until it is looked up.
 *
 * @see {@link https://hl7.org/fhir/R4/capabilitystatement.html} CapabilityStatement.messaging
 * @example const { supported, reason, peer } = supportFor(submitServiceRequest, readCapabilities(statement));
 */
export function supportFor(event: AnyEvent, { endpoints, events, peer, processMessage }: Capabilities): EventSupport {
  const name = describeEvent(event);
  const received = events.filter(({ mode }) => mode === 'receiver');
  const categories = received.flatMap((each) => (each.event && isSameEvent(each.event, event) ? [each.category ?? event.category] : []));
  const answer = (supported: EventSupport['supported'], reason?: string): EventSupport => ({ supported, reason, endpoints, peer });
  if (!processMessage && endpoints.length === 0) {
    const noAddress = 'it lists neither $process-message nor an endpoint for HTTP.';
    return categories.includes(event.category)
      ? answer('unknown', `The server takes ${name}, and does not say where: ${noAddress}`)
      : answer('no', `The server does not say that it takes messages: ${noAddress}`);
  }
  if (categories.includes(event.category)) {
    return answer('yes');
  }
  if (categories.length > 0) {
    return answer('no', `The server takes ${name} as a ${categories.join(' and a ')}, not as a ${event.category}.`);
  }
  const unnamed = received.filter((each) => each.event === undefined).length;
  if (received.length === 0) {
    return answer('unknown', `The server takes messages and does not list which: whether ${name} is among them, it does not say.`);
  }
  return unnamed > 0
    ? answer('unknown', `The server names ${unnamed} of the events that it takes by their definition alone: whether ${name} is among them, only that says.`)
    : answer('no', `The server does not list ${name} among the ${received.length} events that it takes.`);
}
