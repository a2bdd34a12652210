import { identityOf, plainId } from '../message/identity.ts';
import type { IdentityStrategy } from '../message/identity.ts';
import type { Message } from '../message/message.ts';

/** What names a reply, so that the same one is known when it comes again: its id, or all of it where it has none. */
export function replyIdOf(message: Message, identity: IdentityStrategy): string {
  const { message: id } = identityOf(message.graph, identity);
  return id === undefined ? new TextDecoder().decode(message.bytes) : plainId(id);
}
