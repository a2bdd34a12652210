import { createMessage, defineEvent, readMessage, readReply } from '@fhir-messaging/core';
import type { CreateMessageOptions, EventContract, Message, MessageCategory, ReplyContent, ResponseRequest } from '@fhir-messaging/core';
import { createReceiver } from '../src/index.ts';
import type { ProcessResult, Receiver, ReceiverOptions } from '../src/index.ts';

export const source = 'https://manager.example.org';
export const payload = { Patient: '1..1', Coverage: '0..*' } as const;
const table = { coding: { system: 'https://example.org/events', code: 'admit' }, focus: ['Patient'], payload } as const;
type Admit = EventContract<typeof table & { readonly category: MessageCategory; readonly reply: ResponseRequest }>;

/** The event `admit`, of a category. */
export const eventOf = (category: MessageCategory, reply: ResponseRequest = 'always'): Admit => defineEvent({ ...table, category, reply });
export const admit = eventOf('consequence');

export type Changes = Partial<CreateMessageOptions> & { readonly headerId?: string; readonly bundleId?: string; readonly family?: string; readonly category?: MessageCategory };

/** A message; its ids and what it says as asked for. */
export function messageOf({ headerId, bundleId, family = 'Miller', category = 'consequence', ...options }: Changes = {}): Message {
  const ids = [headerId, bundleId].filter((id) => id !== undefined);
  const message = createMessage(eventOf(category), { Patient: { resourceType: 'Patient', name: [{ family }] } }, { source: 'https://app.example.org', ...options });
  return ids.length === 0 ? message : withIds(message, headerId, bundleId);
}

/** The same with other ids, or without. */
export function withIds(message: Message, headerId: string | undefined, bundleId: string | undefined): Message {
  const [first, ...rest] = message.bundle.entry ?? [];
  const header = { ...first, resource: { ...first?.resource, id: headerId } };
  return readMessage(JSON.stringify({ ...message.bundle, id: bundleId, entry: [header, ...rest] }));
}

/** A receiver that counts how often its handler ran, and says what it is told to say, `ok` with the count in the issues otherwise. */
export function counting(options: Partial<ReceiverOptions> & { category?: MessageCategory; say?: (run: number) => ReplyContent | Promise<ReplyContent> } = {}): {
  receiver: Receiver;
  runs: () => number;
} {
  const { category = 'consequence', say = () => ({}), ...rest } = options;
  let runs = 0;
  const receiver = createReceiver({ source, ...rest }).on(eventOf(category), () => say((runs += 1)));
  return { receiver, runs: () => runs };
}

export const codes = ({ issues }: ProcessResult): string[] => issues.map(({ code, rule }) => `${code} ${rule ?? ''}`);
export const textOf = ({ bytes }: ProcessResult): string => new TextDecoder().decode(bytes);
export const replyOf = (result: ProcessResult, request?: Message) => readReply(result.bytes ?? '', { request });
