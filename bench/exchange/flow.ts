import { readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { event } from '../event.ts';
import type { Input } from '../inputs.ts';
import { postingsOf } from './load.ts';
import type { Posting } from './load.ts';

/** A message to be published, written before. */
interface Outgoing extends Posting {
  readonly message: Message;
}

/** Messages that flow through a broker: made ready, published by a few senders at once, until all are handled. */
export interface Flow {
  readonly prepare: (count: number) => void;
  readonly run: (publish: (outgoing: Outgoing) => Promise<unknown>) => Promise<void>;
  /** How many of the last run were handled, each once counted. */
  readonly handled: () => number;
  /** A receiver whose handler reads its payload. */
  readonly newReceiver: () => Receiver;
}

export function flowOf(input: Input, senders: number): Flow {
  const fresh = postingsOf(input);
  const seen = new Set<string>();
  let next: readonly Outgoing[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  const see = (id: string): void => {
    seen.add(id);
    if (seen.size === waiting?.count) waiting.resolve();
  };
  return {
    prepare(count) {
      next = fresh(count).map((posting) => ({ ...posting, message: readMessage(posting.body, { event }) }));
    },
    async run(publish) {
      seen.clear();
      const handled = new Promise<void>((resolve) => (waiting = { count: next.length, resolve }));
      const rest = next.values();
      const send = async (): Promise<void> => {
        for (const outgoing of rest) await publish(outgoing);
      };
      await Promise.all(Array.from({ length: senders }, send));
      await handled;
    },
    handled: () => next.filter(({ id }) => seen.has(id)).length,
    newReceiver: () =>
      createReceiver({ source: 'https://bench.example.org/fhir' }).on(event, ({ message, payload }) => {
        if (payload.ServiceRequest.length > 0) see(message.identity.message ?? '');
      }),
  };
}
