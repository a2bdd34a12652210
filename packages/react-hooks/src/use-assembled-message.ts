import { observeAssembly } from '@fhir-messaging/core';
import type { AnyEvent, AssembledMessage, AssembleProgress, EventContract, EventTable, Message, Reading, ReadingState, Resource } from '@fhir-messaging/core';
import { readerOf, useMessaging } from './messaging-provider.ts';
import { useKept } from './use-kept.ts';
import { useObserved } from './use-observed.ts';

/** An assembly with its state as of this render. */
export type Assembling<TMessage> = Reading<AssembledMessage<TMessage>, AssembleProgress> & {
  readonly state: ReadingState<AssembledMessage<TMessage>, AssembleProgress>;
};

/**
 * Assembles a message from the record, with progress: reads the focus, and from there the resources that the event's contract names. It stops when
 * the component leaves, and begins anew with another event, another focus or a reader of another `baseUrl`; `reload` reads by the latest reader. Without
 * a `reader` it is `failed`, with a TypeError.
 *
 * @param focusReference - `Type/id`, or its URL on the provider's server.
 * @throws {TypeError} when there is no MessagingProvider.
 * @example
 * const { state } = useAssembledMessage(submitServiceRequest, 'ServiceRequest/123');
 * return state.kind === 'ready' ? <Draft initial={state.value.message} /> : <Progress {...state} />;
 */
export function useAssembledMessage<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  focusReference: string,
): Assembling<Message<EventContract<TTable, TResource>, TResource>>;
export function useAssembledMessage(event: AnyEvent, focusReference: string): unknown {
  const messaging = useMessaging();
  const assembly = useKept(() => observeAssembly(messaging.messenger, event, focusReference, () => readerOf(messaging)), [messaging, event, focusReference]);
  return { ...assembly, state: useObserved(assembly) };
}
