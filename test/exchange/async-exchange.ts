import { createReply } from '@fhir-messaging/core';
import type { Message, MessengerOptions, ReplyContent, SendOptions } from '@fhir-messaging/core';
import { answer, messageOf, messengerTo } from './loopback.ts';
import { start } from './started.ts';

/** Where the requests go. */
export const destination = 'https://b.example/fhir';
export const requestOf = (options: Parameters<typeof messageOf>[1] = {}, category?: Parameters<typeof messageOf>[0]): Message => messageOf(category, { destination, ...options });
export const replyTo = (request: Message, content: ReplyContent = {}): ReturnType<typeof createReply> => createReply(request, { source: destination, ...content });

/** Sends asynchronously to a server that takes custody, and gives what came of it. */
export async function sent(message: Message, options: Partial<MessengerOptions> = {}, how: SendOptions = { async: true }) {
  const server = await start(answer(200));
  const made = messengerTo(server.url, options);
  const reply = await made.messenger.send(message, how);
  if (reply.kind !== 'accepted' || reply.later === undefined) throw new TypeError('a reply should come later');
  return { ...made, server, later: reply.later };
}
