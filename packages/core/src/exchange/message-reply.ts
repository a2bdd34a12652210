import type { ReplyReading } from '../message/read-reply.ts';
import type { MessageReply, ReplyFacts } from './reply.ts';

/** A reply message that was read, as the outcome of a send. */
export function messageReply({ code, ...reading }: ReplyReading, facts: Omit<ReplyFacts, 'issues'>): MessageReply {
  return { ...facts, ...reading, kind: code, pinned: false };
}
