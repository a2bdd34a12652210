import { plainId, untilAborted } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { factsOf } from '../mapping/message-facts.ts';
import { withResolvers } from './with-resolvers.ts';

/** The sends of one transport that wait for their replies. */
export interface WaitingReplies {
  /**
   * Waits for the reply to a request, by any of its ids; called before the request is sent.
   *
   * @returns `reply`, the reply's bytes, which rejects with the signal's reason; `came`, the bytes if they came already; `forget`, which ends the wait.
   */
  expect(request: Message, signal: AbortSignal): { readonly reply: Promise<Uint8Array>; readonly came: () => Uint8Array | undefined; readonly forget: () => void };
  /** Hands a reply to the sends that wait for it. @returns `false` for a reply that nobody here waits for: it is somebody else's, or late. */
  take(reply: Uint8Array): boolean;
  /** Ends all waiting, with this reason. */
  close(reason: unknown): void;
}

interface Waiting {
  readonly settle: (reply: Uint8Array) => void;
  readonly fail: (reason: unknown) => void;
}

/** Matches replies that come from a broker to the requests that went there. */
export function waitingReplies(): WaitingReplies {
  const byId = new Map<string, Set<Waiting>>();
  return {
    expect(request, signal) {
      const ids = request.identity.ids.map(({ value }) => plainId(value));
      const { promise, resolve, reject } = withResolvers<Uint8Array>();
      let bytes: Uint8Array | undefined;
      const waiting: Waiting = {
        settle(answer) {
          bytes ??= answer;
          resolve(answer);
        },
        fail: reject,
      };
      for (const id of ids) byId.set(id, (byId.get(id) ?? new Set()).add(waiting));
      const forget = (): void => {
        for (const id of ids) {
          const all = byId.get(id);
          all?.delete(waiting);
          if (all?.size === 0) byId.delete(id);
        }
      };
      const reply = untilAborted(promise, signal).finally(forget);
      // Nobody waits for the reply where the sending itself fails.
      reply.catch(() => undefined);
      return { reply, came: () => bytes, forget };
    },
    take(reply) {
      const quoted = quotedBy(reply);
      const waiting = quoted === undefined ? undefined : byId.get(plainId(quoted));
      for (const { settle } of waiting ?? []) settle(reply);
      return waiting !== undefined;
    },
    close(reason) {
      for (const waiting of byId.values()) for (const { fail } of waiting) fail(reason);
    },
  };
}

/** The id that a reply quotes; `undefined` for bytes that cannot be read, or are no reply. */
function quotedBy(reply: Uint8Array): string | undefined {
  try {
    return factsOf(JSON.parse(new TextDecoder().decode(reply))).answers;
  } catch {
    return undefined;
  }
}
