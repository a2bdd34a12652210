import { createMessage, createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { admit } from '../storage/events.ts';

/** What a sender has in hand at the end: which run of the handler its reply tells of, for each message. */
export interface Sent {
  readonly replies: ReadonlyMap<string, string>;
  readonly attempts: number;
  readonly wrong: readonly string[];
}

/**
 * Eight senders, each one message after the other, resending until there is a reply: a consequence is resent under the same ids.
 *
 * @param onReply - is told after each reply how many there are.
 */
export async function sendAll(url: string, total: number, onReply: (count: number) => void | Promise<void> = () => undefined): Promise<Sent> {
  const replies = new Map<string, string>();
  const wrong: string[] = [];
  let attempts = 0;

  const sendShare = async (sender: number): Promise<void> => {
    const messenger = createMessenger({
      transport: processMessageTransport({ baseUrl: url, headers: ({ message, attempt }) => ({ 'x-request-id': `${patientOf(message)}/${attempt}`, authorization: `Bearer sender-${sender}` }) }),
      source: 'https://app.example.org',
      retry: { maxAttempts: Number.POSITIVE_INFINITY, whenDeliveryUnknown: 'always' },
      sleep: () => new Promise(setImmediate),
      observe: ({ kind }) => {
        if (kind === 'attempt') attempts += 1;
      },
    });
    for (let number = sender; number < total; number += 8) {
      const id = `p${number}`;
      const reply = await messenger.send(createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' }));
      const stored = reply.kind === 'ok' ? reply.message.graph.all('Patient')[0] : undefined;
      if (stored?.id !== id || replies.has(id)) wrong.push(`${id}: ${reply.kind}`);
      replies.set(id, stored?.identifier?.[0]?.value ?? '');
      await onReply(replies.size);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, sender) => sendShare(sender)));
  return { replies, attempts, wrong };
}

function patientOf(message: { readonly graph: { readonly focus: readonly ({ readonly id?: string | undefined } | undefined)[] } }): string {
  return message.graph.focus[0]?.id ?? '';
}
