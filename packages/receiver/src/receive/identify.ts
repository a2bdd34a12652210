import { eventNameOf, isReply, isSameEvent, strategyFor } from '@fhir-messaging/core';
import type { CacheKey, IdentityStrategy, Message } from '@fhir-messaging/core';
import { cacheKeyOf } from '../cache/cache-key.ts';
import { contentDigest } from '../cache/content-digest.ts';
import { checkReplyPossible } from './check-reply-possible.ts';
import type { Route } from './handler.ts';
import { errorIssue, refuse } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Incoming } from './read-incoming.ts';
import type { Reception } from './reception.ts';
import { takeReply } from './take-reply.ts';

/** A message that has a handler here, with its key and digest. */
export interface Identified extends Incoming {
  readonly route: Route;
  readonly strategy: IdentityStrategy;
  readonly key: CacheKey;
  readonly digest: string;
}

/** Finds a message's handler, and its key and digest. A response goes to `replies`, and is never answered with a message. */
export async function identify(incoming: Incoming, sender: string | undefined, { routes, identity, replies, addressOf, writing }: Reception): Promise<Identified | ProcessResult> {
  const { message } = incoming;
  if (isReply(message)) {
    return takeReply(message, sender, replies, addressOf);
  }
  const route = routeFor(message, routes);
  if (route === undefined) {
    const handled = routes.map(({ event }) => event.coding?.code ?? event.uri ?? '').join(', ');
    const diagnostics = `Nobody handles the event of this message. Handled here: ${handled === '' ? 'none' : handled}.`;
    return refuse(422, [errorIssue('not-supported', 'receiver.event', diagnostics)]);
  }
  const strategy = strategyFor(message.release, identity);
  const key = cacheKeyOf(message, strategy, sender);
  if (key === undefined) {
    const diagnostics = `The message has no id (${strategy.message.join(', ')}), so a resend could not be told from a new message.`;
    return refuse(400, [errorIssue('required', 'identity.message', diagnostics)]);
  }
  const refusal = checkReplyPossible(message, route.event, strategy, writing);
  if (refusal !== undefined) {
    return refusal;
  }
  return { ...incoming, route, strategy, key, digest: await contentDigest(incoming.content ?? message.bundle) };
}

function routeFor({ graph }: Message, routes: readonly Route[]): Route | undefined {
  const name = eventNameOf(graph.header);
  return name && routes.find(({ event }) => isSameEvent(event, name));
}
