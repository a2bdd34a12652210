import type { Capabilities, ReadingState } from '@fhir-messaging/core';
import { useMessaging } from './messaging-provider.ts';
import { useObserved } from './use-observed.ts';

/**
 * The server's capabilities for messages: its CapabilityStatement is read once for all components of a provider, when the first one asks, and anew
 * with a reader of another `baseUrl`. A reading that failed stays so; without a `reader` it is `failed`, with a TypeError, until there is one.
 *
 * @throws {TypeError} when there is no MessagingProvider.
 * @example const capabilities = useMessagingCapabilities();
 */
export function useMessagingCapabilities(): ReadingState<Capabilities> {
  return useObserved(useMessaging().capabilities);
}
