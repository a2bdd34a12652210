import { observeReading, readCapabilities } from '@fhir-messaging/core';
import type { AnyEvent, AssemblyOptions, Capabilities, Messenger, Reading, Resource, Update } from '@fhir-messaging/core';
import { createContext, createElement, useContext, useInsertionEffect } from 'react';
import type { Context, ReactElement, ReactNode } from 'react';
import type { KeyedSubmissions } from './keyed-submissions.ts';
import type { QueuedMessages } from './queued-messages.ts';
import type { ShownOutbox } from './shown-outbox.ts';
import { useKept } from './use-kept.ts';

/** The messenger and the reader of the hooks below a provider. */
export interface MessagingProviderProps {
  /**
   * The messenger of one user, made once, outside of rendering, and with that user's token alone: what is under way goes out through it still. With
   * another one everything below begins anew, and forgets which messages may have arrived, even where the first one comes back. With a
   * `queuedMessenger` all that the hooks send goes through its outbox, which `useOutbox` and `useQueuedMessages` show.
   */
  readonly messenger: Messenger & { readonly outbox?: ShownOutbox | undefined };
  /**
   * Reads from the record's server, for `useAssembledMessage` and `useMessagingCapabilities`: `fetchReader`, or a client's. Whatever begins reads by
   * the latest one. With a reader of another `baseUrl` all that was read is dropped, and read anew; with one of the same server, as after a new
   * sign-in, it stays. Readers without a `baseUrl` count as of one server. Without a reader, as after a sign-out, all that was read is dropped too: while
   * a session is renewed, give its last reader. For another user give another messenger, too: the reader alone drops what was read, not which messages
   * were submitted or may have arrived.
   */
  readonly reader?: AssemblyOptions | undefined;
  readonly children?: ReactNode;
}

/** The state that the hooks share. */
export interface Messaging {
  readonly messenger: MessagingProviderProps['messenger'];
  /** The latest reader. For another server's, or none, there is another `Messaging`, which has the rest in common with this one. */
  reader: AssemblyOptions | undefined;
  readonly capabilities: Reading<Capabilities>;
  readonly submissions: KeyedSubmissions;
  readonly queues: Map<string, QueuedMessages>;
  /** The updates that outlive their components, by event and the submitted message's id. */
  readonly updates: Map<AnyEvent, Map<unknown, Update<AnyEvent, Resource>>>;
}

/** What a provider gives; `undefined` where there is none above. */
export const MessagingContext: Context<Messaging | undefined> = createContext<Messaging | undefined>(undefined);

/**
 * Gives the hooks below it their messenger, and keeps what has to outlive a component.
 *
 * @throws {TypeError} when there is no messenger.
 * @example <MessagingProvider messenger={messenger}><Referral /></MessagingProvider>
 */
export function MessagingProvider({ messenger, reader, children }: MessagingProviderProps): ReactElement {
  if (typeof messenger === 'undefined') {
    throw new TypeError('Give MessagingProvider a messenger.');
  }
  const ofMessenger = useKept(
    (): Omit<Messaging, 'capabilities' | 'reader'> => ({ messenger, submissions: new Map(), queues: new Map(), updates: new Map() }),
    [messenger],
  );
  const messaging: Messaging = useKept<Messaging>(
    () => ({
      ...ofMessenger,
      reader,
      capabilities: observeReading(async ({ signal }) => readCapabilities(await readerOf(messaging).read('metadata', { signal }))),
    }),
    [ofMessenger, reader?.baseUrl, !reader],
  );
  // Before the effects of what is below, which begin to read.
  useInsertionEffect(() => {
    messaging.reader = reader;
  });
  return createElement(MessagingContext.Provider, { value: messaging }, children);
}

/** The shared state of the provider above. @throws {TypeError} when there is no provider. */
export function useMessaging(): Messaging {
  const messaging = useContext(MessagingContext);
  if (!messaging) {
    throw new TypeError('No MessagingProvider is above.');
  }
  return messaging;
}

/** The latest reader that the provider was given. @throws {TypeError} when there is none. */
export function readerOf({ reader }: Messaging): AssemblyOptions {
  if (!reader) throw new TypeError('Give MessagingProvider a reader.');
  return reader;
}
