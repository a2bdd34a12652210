import type { Capabilities, ReadingState } from '@fhir-messaging/core';
import { useMessaging } from './messaging-provider.ts';
import { useObserved } from './use-observed.ts';

/**
 * What the server says that it can do with messages: its CapabilityStatement is read once for all components of a provider, when the first one
 * asks. What failed stays so, also where the provider had no `reader` yet.
 *
 * @throws {TypeError} when there is no MessagingProvider.
 * @example const capabilities = useMessagingCapabilities();
 */
export function useMessagingCapabilities(): ReadingState<Capabilities> {
  return useObserved(useMessaging().capabilities);
}
