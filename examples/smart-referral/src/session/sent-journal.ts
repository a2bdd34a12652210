import { MessagingError } from '@fhir-messaging/core';
import type { Message, Resource } from '@fhir-messaging/core';
import { heldAfter, submittedOf } from './sent-message.ts';
import type { AnsweredMessage, SentMessage } from './sent-message.ts';

/** What was sent from this tab: it survives a reload, and is gone when the tab is closed. */
export interface SentJournal {
  /** Notes a message before it leaves. @returns whether it was open already, since it is sent again. */
  readonly open: (message: Message) => boolean;
  /** Notes that it was processed. */
  readonly answer: (message: Message, reply: Message | undefined) => void;
  /** Forgets it: nothing of it arrived, or it was answered for good. */
  readonly forget: (message: Message) => void;
  /** Of an order, the messages that were processed, the oldest first. */
  readonly answeredFor: (order: string) => readonly AnsweredMessage[];
  /** Of an order, the message that may have arrived. */
  readonly openFor: (order: string) => SentMessage | undefined;
  /** The message that may have arrived, of whichever order was sent last. */
  readonly lastOpen: () => SentMessage | undefined;
}

const decode = ({ bytes }: Message): string => new TextDecoder().decode(bytes);

const isAnswered = (sent: SentMessage): sent is AnsweredMessage => sent.replyText !== undefined;

/** The journal that is kept in a storage under a key. */
export function openJournal(storage: Storage, key: string): SentJournal {
  let sent = readList(storage.getItem(key));

  const store = (next: readonly SentMessage[]): void => {
    try {
      storage.setItem(key, JSON.stringify(next));
    } catch (cause) {
      throw new MessagingError('platform.unsupported', 'This browser does not let the app note what it sends.', { cause, delivery: 'no' });
    }
    sent = next;
  };

  /** After a submission its order may go by another name: the referral manager's. */
  const orderOf = ({ graph }: Message): string => {
    const own = orderKey(graph.entries);
    return sent.filter(isAnswered).find((earlier) => orderKey(heldAfter(submittedOf(earlier)).entries) === own)?.order ?? own;
  };

  return {
    open(message) {
      const text = decode(message);
      if (sent.some((earlier) => earlier.text === text)) {
        return true;
      }
      store([...sent, { order: orderOf(message), text }]);
      return false;
    },
    answer(message, reply) {
      const text = decode(message);
      store(sent.map((earlier) => (earlier.text === text ? { ...earlier, replyText: reply ? decode(reply) : '' } : earlier)));
    },
    forget(message) {
      const text = decode(message);
      store(sent.filter((earlier) => earlier.text !== text));
    },
    answeredFor: (order) => sent.filter(isAnswered).filter((each) => each.order === order),
    openFor: (order) => sent.findLast((each) => each.order === order && !isAnswered(each)),
    lastOpen: () => sent.findLast((each) => !isAnswered(each)),
  };
}

function orderKey(entries: readonly { readonly key: string; readonly resource: Resource | undefined }[]): string {
  return entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
}

function readList(text: string | null): readonly SentMessage[] {
  const list: unknown = JSON.parse(text ?? '[]');
  return Array.isArray(list) ? list.filter(isSent) : [];
}

function isSent(value: unknown): value is SentMessage {
  return typeof value === 'object' && value !== null && 'order' in value && 'text' in value && typeof value.order === 'string' && typeof value.text === 'string';
}
