import { holderOf } from '@fhir-messaging/core';

/** Those who want to be told of something. */
export interface Listeners {
  /** Adds one. @returns what takes it out again. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls them all, whatever one of them throws. */
  readonly tell: () => void;
}

/** A list of listeners, empty at first. */
export function listeners(): Listeners {
  const { subscribe, setState } = holderOf({});
  return { subscribe, tell: () => setState({}) };
}
