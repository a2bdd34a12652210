import type { Observed } from '@fhir-messaging/core';
import { useSyncExternalStore } from 'react';

/**
 * The state of an observer of core, or one part of it: the component renders again when that is another one.
 *
 * @param select - gives a part that is the same object, or equal as a plain value, while it did not change.
 * @example const order = useObserved(draft, ({ graph }) => graph.get('ServiceRequest/123456'));
 */
export function useObserved<TState>(observed: Observed<TState>): TState;
export function useObserved<TState, TPart>(observed: Observed<TState>, select: (state: TState) => TPart): TPart;
export function useObserved<TState>(observed: Observed<TState>, select: (state: TState) => unknown = (state) => state): unknown {
  const part = (): unknown => select(observed.getState());
  return useSyncExternalStore(observed.subscribe, part, part);
}
