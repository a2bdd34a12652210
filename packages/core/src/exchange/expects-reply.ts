import type { Message } from '../message/message.ts';
import { isReply } from '../message/read-reply.ts';
import { responseRequestOf, wantsReply } from '../message/response-request.ts';

/** Whether a message is owed a reply when all went well: as its response-request or its event says, else yes. A reply is owed none. */
export function expectsReply(message: Message): boolean {
  return !isReply(message) && wantsReply(responseRequestOf(message), 'ok');
}

/** Whether a message is owed no reply, whatever becomes of it. */
export function expectsNoReply(message: Message): boolean {
  return isReply(message) || responseRequestOf(message) === 'never';
}
