import { MessagingError } from '../src/errors.ts';
import type { Delivery, ErrorCode } from '../src/errors.ts';
import { defineEvent } from '../src/event/define-event.ts';
import type { MessageCategory } from '../src/fhir/codes.ts';
import type { Release } from '../src/fhir/release.ts';
import { createMessage } from '../src/message/create-message.ts';
import { createReply } from '../src/message/create-reply.ts';
import type { ReplyContent } from '../src/message/create-reply.ts';
import type { Message } from '../src/message/message.ts';
import type { ProgressEvent } from '../src/exchange/progress.ts';
import type { Outgoing, Receipt, Transport } from '../src/exchange/transport.ts';
import { createMessenger } from '../src/client/messenger.ts';
import type { Messenger, MessengerOptions } from '../src/client/messenger.ts';

export const source = 'https://app.example.org';

export const eventOf = (category: MessageCategory) =>
  defineEvent({ coding: { system: 'https://example.org/events', code: category }, category, focus: ['Patient'], payload: { Patient: '1..1' } });

export const messageOf = (category: MessageCategory = 'consequence', release: Release = 'R4'): Message =>
  createMessage(eventOf(category), { Patient: { resourceType: 'Patient' } }, { source, release });

export type Step = Receipt | Error | ((outgoing: Outgoing) => Receipt | Promise<Receipt>);

/** A transport that follows a script and keeps what it was given. */
export function scripted(...steps: Step[]): { transport: Transport; sent: Outgoing[] } {
  const sent: Outgoing[] = [];
  const rest = [...steps];
  const transport: Transport = async (outgoing) => {
    sent.push(outgoing);
    const step = rest.shift();
    if (step === undefined) throw new TypeError('the script has run out');
    if (step instanceof Error) throw step;
    return typeof step === 'function' ? step(outgoing) : step;
  };
  return { transport, sent };
}

/** A messenger whose waits take no time and are kept. */
export function messengerOf(options: MessengerOptions): { messenger: Messenger; waits: number[]; events: ProgressEvent[] } {
  const waits: number[] = [];
  const events: ProgressEvent[] = [];
  let time = 0;
  const messenger = createMessenger({
    random: () => 0.5,
    now: () => time,
    sleep: async (delayMs) => {
      waits.push(delayMs);
      time += delayMs;
    },
    observe: (event) => events.push(event),
    ...options,
  });
  return { messenger, waits, events };
}

export const status = (code: number, headers: Record<string, string> = {}): Receipt => ({ status: code, headers: new Headers(headers), body: undefined });
export const failed = (delivery: Delivery, code: ErrorCode = 'transport.failed'): MessagingError => new MessagingError(code, 'failed', { delivery });
export const reply =
  (content: ReplyContent = {}) =>
  ({ message }: Outgoing): Receipt => ({ status: 200, body: createReply(message, { source: 'https://b.example', ...content }).bytes });
