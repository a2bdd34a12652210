import { useMessaging } from './messaging-provider.ts';
import type { QueuedMessages, QueuedState } from './queued-messages.ts';
import { queuedMessages } from './queued-messages.ts';
import { useKept } from './use-kept.ts';
import { useObserved } from './use-observed.ts';
import { requireOutbox } from './use-outbox.ts';

/** The messages of one key with their state as of this render; the actions are the same functions in every one. */
export type WatchedMessages = QueuedMessages & { readonly state: QueuedState };

/**
 * The messages about one thing in the outbox of the provider's messenger, with their content and answers, and a way to queue the next: the first
 * message, or one after the last. The outbox keeps them, so that a reload, another tab and a later launch show the same.
 *
 * @param key - of the messages, by which they are in order, such as the order's URL.
 * @throws {TypeError} when there is no MessagingProvider, or its messenger has no outbox (`queuedMessenger`).
 * @example
 * const { state, enqueue } = useQueuedMessages(orderUrl);
 * <button onClick={() => void enqueue({ first: submitServiceRequest, next: updateServiceRequest }, draft.state.graph)}>Send</button>
 */
export function useQueuedMessages(key: string): WatchedMessages {
  const { messenger, queues } = useMessaging();
  const shown = requireOutbox(messenger.outbox);
  const messages = useKept(() => {
    const kept = queues.get(key) ?? queuedMessages(shown, messenger, key);
    queues.set(key, kept);
    return kept;
  }, [queues, key]);
  return { ...messages, state: useObserved(messages) };
}
