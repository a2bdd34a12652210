import { isSameEvent, readMessage, safeReadMessage } from '@fhir-messaging/core';
import type { OutboxContent, OutboxRecord, OutboxStore, ReplyMessage } from '@fhir-messaging/core';
import type { Account } from './account.ts';
import { knownEvents } from './known-events.ts';
import type { KnownEvents } from './known-events.ts';
import type { OutboxOptions } from './outbox.ts';
import { statusCheck } from './status-check.ts';
import type { StatusCheck } from './status-check.ts';
import { storedEvent } from './stored-event.ts';

/** The kinds of an entry's stored bytes. */
type ContentKind = 'message' | 'reply';

/** An outbox's options, completed, and how it stores and reads bytes. */
export interface OutboxParts extends KnownEvents, Omit<OutboxOptions, 'account' | 'confirm' | 'events' | 'signedIn' | 'store'> {
  readonly store: OutboxStore<unknown>;
  readonly confirm: StatusCheck | undefined;
  readonly account: string;
  /** Whether a URL is one of the server that messages go to. */
  readonly isTheirs: (url: string) => boolean;
  readonly leaseMs: number;
  readonly concurrency: number;
  readonly now: () => number;
  readonly newId: () => string;
  /** Whose session the messenger would send with: the account's, nobody's, or somebody else's, as far as anybody can tell. */
  readonly session: () => 'own' | 'none' | 'other';
  /** Whether that is the account's. */
  readonly isSignedIn: () => boolean;
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
  readonly pack: (bytes: Uint8Array<ArrayBuffer>, id: string, kind: ContentKind) => Promise<OutboxContent>;
  /** @returns `undefined` where the key is not here; rejects where another key has its name, or the bytes are torn. */
  readonly unpack: (content: OutboxContent, id: string, kind: ContentKind) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  readonly read: (bytes: Uint8Array<ArrayBuffer>, record: OutboxRecord) => ReplyMessage;
}

/** An account as text; a slash at the end of its `baseUrl` makes no difference. */
export function accountName({ issuer, baseUrl, clientId, user }: Account): string {
  return JSON.stringify([issuer, bare(baseUrl), clientId, user]);
}

function bare(baseUrl: string): string {
  return baseUrl.replace(/\/$/, '');
}

/** Completes an outbox's options. */
export function partsOf<TTransaction>(options: OutboxOptions<TTransaction>): OutboxParts;
export function partsOf(options: OutboxOptions<unknown>): OutboxParts {
  const { store, messenger, identity, peer, seal, atLeast, responseUrl, replyWithinMs, concurrency = 4, maxSends, maxDelayMs, leaseMs = 30_000 } = options;
  const given: Partial<OutboxOptions<unknown>> = options;
  if (!given.store || !given.messenger || !given.account) {
    throw new TypeError('createOutbox: a store, a messenger and an account are needed.');
  }
  requireWhole(options.account);
  if (options.async === false && responseUrl !== undefined) {
    throw new TypeError('createOutbox: async is false, with a responseUrl.');
  }
  if (!(concurrency >= 1)) {
    throw new TypeError('createOutbox: concurrency is at least 1.');
  }
  const account = accountName(options.account);
  const session: OutboxParts['session'] = () => {
    try {
      const current = options.signedIn ? options.signedIn() : options.account;
      return current === undefined ? 'none' : accountName(current) === account ? 'own' : 'other';
    } catch {
      // `signedIn` throws where nobody can tell, as when the session is gone: it then counts as somebody else's.
      return 'other';
    }
  };
  const known = knownEvents(options.events ?? []);
  // An instance of a class may be given: its methods keep their `this`.
  const now = options.now?.bind(options) ?? Date.now;
  const confirm = options.confirm?.bind(options);
  const contextOf = (id: string, kind: ContentKind): string => JSON.stringify([account, id, kind]);
  return {
    store,
    messenger,
    identity,
    peer,
    seal,
    atLeast,
    async: options.async,
    responseUrl,
    replyWithinMs,
    concurrency,
    maxSends,
    maxDelayMs,
    isOnline: options.isOnline?.bind(options),
    pause: options.pause?.bind(options),
    random: options.random?.bind(options),
    ...known,
    now,
    confirm: confirm && statusCheck(confirm, now),
    newId: options.newId?.bind(options) ?? (() => crypto.randomUUID()),
    startTimer: options.startTimer?.bind(options) ?? timer,
    account,
    isTheirs: (url) => url.startsWith(`${bare(options.account.baseUrl)}/`),
    session,
    isSignedIn: () => session() === 'own',
    leaseMs,
    pack: async (bytes, id, kind) => (seal ? { bytes: await seal.seal(bytes, contextOf(id, kind)), sealedWith: seal.keyName } : { bytes, sealedWith: undefined }),
    unpack: async ({ bytes, sealedWith }, id, kind) => (sealedWith === undefined ? bytes : seal?.open(bytes, sealedWith, contextOf(id, kind))),
    read(bytes, { facts: { event, contract, release } }) {
      // A message that was stored as a consequence stays one.
      const events = known.given.filter(({ category }) => category === 'consequence' || contract?.category !== 'consequence');
      // The size was judged when the message was taken in.
      const reading = { release, limits: { maxBytes: Infinity, maxEntries: Infinity } };
      // A contract that the message does not keep is not its own.
      const { message = readMessage(bytes, reading) } = safeReadMessage(bytes, { ...reading, events });
      if (message.event || !event || !contract) return message;
      const isConsequence = known.given.some((other) => other.category === 'consequence' && isSameEvent(other, event));
      return Object.freeze({ ...message, event: storedEvent(event, isConsequence ? { ...contract, category: 'consequence' } : contract, message.graph) });
    },
  };
}

/** Several persons would share the queue of an account without one of its parts. */
function requireWhole({ issuer, baseUrl, clientId, user }: { readonly [TPart in keyof Account]?: unknown }): void {
  for (const [part, value] of Object.entries({ issuer, baseUrl, clientId, user })) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`createOutbox: the account needs its ${part}.`);
  }
}

function timer(delayMs: number, run: () => void): () => void {
  const handle = setTimeout(run, delayMs);
  return () => clearTimeout(handle);
}
