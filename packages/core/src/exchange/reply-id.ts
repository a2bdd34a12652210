import { identityOf, plainId, strategyFor } from '../message/identity.ts';
import type { IdentityStrategy } from '../message/identity.ts';
import type { Message } from '../message/message.ts';

/** The name by which a reply is known when it comes again: its id, or its whole text where it has none. */
export function replyIdOf(message: Message, identity: IdentityStrategy | undefined): string {
  const { message: id } = identityOf(message, strategyFor(message.release, identity));
  return id === undefined ? new TextDecoder().decode(message.bytes) : plainId(id);
}
