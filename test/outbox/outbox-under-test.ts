import { createMessage, createMessenger, isMessagingError, processMessageTransport } from '@fhir-messaging/core';
import type { Message, MessengerOptions, OutboxStore } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Account, Outbox, OutboxOptions } from '@fhir-messaging/outbox';
import { createReceiver, httpHandler, memoryCache } from '@fhir-messaging/receiver';
import { admission, messageOf, serve, source, startServer } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';

export const account: Account = { issuer: 'https://ehr.example.org', baseUrl: 'https://ehr.example.org/fhir', clientId: 'app', user: 'Practitioner/1' };

export const minute = 60_000;
/** What a peer answers that has a message, and is processing it. */
export const locked = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'lock-error' }] });
/** A patient's `fullUrl`. */
export const someone = 'urn:uuid:5b1c4a1e-0001-4d5c-9a53-0f3f0d0f0f0f';

export const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => (isMessagingError(error) ? error.code : error));

/** A message about a patient of that name, in order with others about the same. */
export const about = (fullUrl: string): Message =>
  createMessage(admission(), { Patient: { fullUrl, resource: { resourceType: 'Patient', name: [{ family: 'Miller' }] } } }, { source });

/** A clock of the store, and an outbox over a real messenger and a loopback server; nothing waits. */
export interface Bench {
  readonly store: OutboxStore;
  readonly server: Loopback;
  readonly outbox: Outbox;
  /** Lets time pass. */
  readonly pass: (ms: number) => void;
  /** Another outbox on the same store, as a new process has it. */
  readonly another: (options?: Partial<OutboxOptions>, messaging?: Partial<MessengerOptions>) => Outbox;
  /** An entry's state, and why. */
  readonly stateOf: (id: string, by?: Outbox) => Promise<readonly [string | undefined, string | undefined]>;
  readonly states: (by?: Outbox) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

const idOf = ({ identity }: Message): string => identity.message ?? '';
export { idOf };

export async function benchOf(steps: readonly Step[], options: Partial<OutboxOptions> = {}, messaging: Partial<MessengerOptions> = {}): Promise<Bench> {
  const server = await startServer(...steps);
  let time = 1_700_000_000_000;
  const store = options.store ?? memoryOutboxStore(() => time);
  const another: Bench['another'] = (changes = {}, sending = {}) =>
    createOutbox({
      store,
      messenger: createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source, retry: { maxAttempts: 1 }, sleep: () => Promise.resolve(), ...messaging, ...sending }),
      account,
      atLeast: 'ephemeral',
      events: [admission()],
      startTimer: () => () => undefined,
      pause: () => Promise.resolve(),
      random: () => 0.5,
      ...options,
      ...changes,
    });
  const outbox = another();
  const stateOf: Bench['stateOf'] = async (id, by = outbox) => {
    const entry = (await by.list()).entries.find((other) => other.id === id);
    return [entry?.state, entry?.reason];
  };
  return {
    store,
    server,
    outbox,
    another,
    stateOf,
    pass: (ms) => void (time += ms),
    states: async (by = outbox) => (await by.list()).entries.map(({ state }) => state),
    stop: () => server.stop(),
  };
}

/** A receiver that keeps what it was asked to do, with a cache or without one. */
export function receiverOf(seen: string[], options: { readonly cache?: boolean; readonly code?: () => 'ok' | 'fatal-error' | 'transient-error' } = {}): (request: Request) => Promise<Response> {
  const receiver = createReceiver({ source: 'https://b.example.org', ...(options.cache === false ? {} : { cache: memoryCache() }) }).on(admission(), ({ message }) => {
    seen.push(idOf(message));
    return { code: options.code?.() ?? 'ok' };
  });
  return httpHandler(receiver);
}

export { admission, messageOf, serve };
