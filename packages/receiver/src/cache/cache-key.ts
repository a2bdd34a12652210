import type { CacheKey, IdentitySource, IdentityStrategy, Message } from '@fhir-messaging/core';
import { sourceAddress } from '../reply-address/source-address.ts';

/**
 * The key of a message in the cache: the ids by which its strategy names it, within its sender.
 *
 * The source address in the message stands for the sender where nobody was authenticated.
 *
 * @returns `undefined` when the message has no id at all.
 */
export function cacheKeyOf(message: Message, strategy: IdentityStrategy, sender: string | undefined): CacheKey | undefined {
  const name = (source: IdentitySource): string | undefined => {
    const id = message.identity.ids.find((candidate) => candidate.source === source);
    return id && JSON.stringify([id.source, id.system ?? '', id.value]);
  };
  const named = strategy.message.map(name).find((id) => id !== undefined);
  if (named === undefined) {
    return undefined;
  }
  const scope = sender === undefined ? ['source', sourceAddress(message)] : ['sender', sender];
  return { sender: JSON.stringify(scope), message: named, envelope: strategy.envelope && name(strategy.envelope) };
}

/** The message's own id in a key. */
export function messageIdIn({ message }: CacheKey): string | undefined {
  const named: unknown = JSON.parse(message);
  const id: unknown = Array.isArray(named) ? named.at(-1) : undefined;
  return typeof id === 'string' ? id : undefined;
}
