import type { Observed } from '@fhir-messaging/core';
import { useContext } from 'react';
import { MessagingContext } from './messaging-provider.ts';
import type { ShownOutbox } from './shown-outbox.ts';
import { useObserved } from './use-observed.ts';

/** An outbox with its state as of this render; the actions are the outbox's own. */
export type WatchedOutbox<TOutbox extends ShownOutbox> = TOutbox & { readonly state: ReturnType<TOutbox['getState']> };

/**
 * The outbox of the provider's messenger, or the given one, with its content: the component renders again whenever that changes, even by another tab.
 *
 * @throws {TypeError} when no outbox is given, and there is no MessagingProvider above whose messenger has one (`queuedMessenger`).
 * @example
 * const { state, retry } = useOutbox(outbox);
 * // On what may have arrived, a press of Retry could have it done twice: `actionsOf` of the outbox's package knows.
 * const retryOf = (entry: OutboxEntry) => (actionsOf(entry).includes('retry') ? () => void retry(entry.id) : undefined);
 * return state.entries.map((entry) => <Row key={entry.id} state={entry.state} reason={entry.reason} onRetry={retryOf(entry)} />);
 */
export function useOutbox(): WatchedOutbox<ShownOutbox>;
export function useOutbox<TOutbox extends ShownOutbox>(given: TOutbox): WatchedOutbox<TOutbox>;
export function useOutbox(given?: ShownOutbox): unknown {
  const messaging = useContext(MessagingContext);
  const watched: Observed<unknown> = requireOutbox(given ?? messaging?.messenger.outbox);
  return { ...watched, state: useObserved(watched) };
}

/** The outbox. @throws {TypeError} when there is none. */
export function requireOutbox(outbox: ShownOutbox | undefined): ShownOutbox {
  if (!outbox) throw new TypeError('Give MessagingProvider a queuedMessenger.');
  return outbox;
}
