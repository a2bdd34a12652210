import type { Observed } from '@fhir-messaging/core';
import { useSyncExternalStore } from 'react';

/**
 * The state of an observer of core, or one part of it: the component renders again when the state, or the part, has changed.
 *
 * `select` has to give the same object, or an equal plain value, as long as its part has not changed.
 *
 * @example const order = useObserved(draft, ({ graph }) => graph.get('ServiceRequest/123456'));
 */
export function useObserved<TState>(observed: Observed<TState>): TState;
export function useObserved<TState, TPart>(observed: Observed<TState>, select: (state: TState) => TPart): TPart;
export function useObserved<TState>(observed: Observed<TState>, select: (state: TState) => unknown = (state) => state): unknown {
  const part = (): unknown => select(observed.getState());
  return useSyncExternalStore(observed.subscribe, part, part);
}
