import { isMessagingError, MessagingError, readReply, untilAborted } from '@fhir-messaging/core';
import type { AnyEvent, Message, MessageReply, Messenger, ProgressEvent, Reply, Resource, SendOptions } from '@fhir-messaging/core';
import { every } from './every.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';

/** A messenger whose sends go through an outbox. */
export interface QueuedMessenger extends Messenger {
  /** For what shows and queues, such as the hooks. */
  readonly outbox: Outbox;
}

/**
 * A messenger whose sends go through an outbox: what submits, updates and shows messages over any messenger does so durably over this one.
 *
 * `send` resolves or rejects when the entry has come to an end, however long that takes, and reports `waiting` while it does not; an abort ends the
 * waiting, not the sending. A message that is in the outbox already is tried again, where it came to an end without an answer. `async` and
 * `responseUrl` are the outbox's own options, and what a reply is wanted for is the message's: those of `send` are not looked at. `close` closes
 * the messenger, and leaves the outbox open.
 *
 * @throws {MessagingError} by `send`: those of `outbox.enqueue`; with `delivery`, `transport.failed` where the entry came to `dead` or `blocked`
 * (`no`) or `uncertain` (`unknown`); `closed` where it was taken out of the outbox.
 * @example <MessagingProvider messenger={queuedMessenger(outbox, messenger)}>
 */
export function queuedMessenger(outbox: Outbox, messenger: Messenger): QueuedMessenger {
  return Object.freeze<QueuedMessenger>({
    ...messenger,
    outbox,
    send: <TResource extends Resource>(message: Message<AnyEvent | undefined, TResource>, options?: SendOptions): Promise<Reply<TResource>> =>
      toRequest(message, sendThrough(outbox, message, options)),
    accept: (bundle, options) => outbox.accept(bundle, options),
  });
}

/** The reply in the types of its request, which nobody checked. */
function toRequest<TResource extends Resource>(request: Message<AnyEvent | undefined, TResource>, reply: Promise<Reply>): Promise<Reply<TResource>>;
function toRequest(_: unknown, reply: Promise<Reply>): unknown {
  return reply;
}

async function sendThrough(outbox: Outbox, message: Message<AnyEvent | undefined, Resource>, { signal, onProgress }: SendOptions = {}): Promise<Reply> {
  const queued = await outbox.enqueue(message);
  const { id } = queued;
  if (/^(uncertain|dead|rejected)$/.test(queued.state)) await outbox.retry(id).catch((error: unknown) => requireUnreadable(error));
  let stop = (): void => undefined;
  let isOver = false;
  const report = (event: ProgressEvent): void => {
    try {
      if (!isOver) onProgress?.(event);
    } catch {
      // A fault in a display is no reason to lose what it shows.
    }
  };
  try {
    const ended = new Promise<Reply>((resolve, reject) => {
      let sends = -1;
      const look = async (): Promise<void> => {
        const entry = (await outbox.list()).entries.find((other) => other.id === id);
        if (entry?.state === 'sending' && entry.sends !== sends) report({ kind: 'attempt', attempt: entry.sends });
        if (entry?.dueAtMs !== undefined && entry.state === 'pending') report({ kind: 'waiting', attempt: entry.sends + 1, delayMs: 0, untilMs: entry.dueAtMs });
        sends = entry?.sends ?? -1;
        const reply = await replyOf(outbox, id, entry);
        if (reply) resolve(reply);
      };
      stop = watching(outbox, look, reject);
    });
    return await untilAborted(ended, signal);
  } finally {
    isOver = true;
    stop();
  }
}

/** Looks now and at each change; after a look that found nothing to read now and then too, since nothing may change. @returns what ends that. */
function watching(outbox: Outbox, look: () => Promise<void>, fail: (error: unknown) => void): () => void {
  let stopTrying: (() => void) | undefined;
  let isOver = false;
  const begin = (): void => void look().then(found, notFound).catch(fail);
  const found = (): void => {
    stopTrying?.();
    stopTrying = undefined;
  };
  const notFound = (error: unknown): void => {
    requireUnreadable(error);
    if (!isOver) stopTrying ??= every(5_000, begin);
  };
  const leave = outbox.subscribe(begin);
  begin();
  return () => {
    isOver = true;
    leave();
    found();
  };
}

/** The message is stored: a storage that cannot be read at the moment says nothing of it; any other error goes on. */
function requireUnreadable(error: unknown): void {
  if (!isMessagingError(error) || error.code !== 'storage.unavailable') throw error;
}

/** What an entry came to, as a messenger says it; `undefined` while it is on its way. */
async function replyOf(outbox: Outbox, id: string, entry: OutboxEntry | undefined): Promise<Reply | undefined> {
  const { state = 'gone', reason = '', sends: attempts = 0 } = entry ?? {};
  const facts = { issues: [], http: undefined, attempts };
  switch (state) {
    case 'gone':
      // What another page removed may have been sent before.
      throw new MessagingError('closed', 'The message is in the outbox no more.', { delivery: outbox.wasCancelled(id) ? 'no' : 'unknown' });
    case 'dead':
    case 'blocked':
      throw new MessagingError('transport.failed', `The message was not sent: ${reason}.`, { delivery: 'no', attempts });
    case 'uncertain':
      throw new MessagingError('transport.failed', `Nobody can tell whether the message arrived: ${reason}.`, { delivery: 'unknown', attempts });
    case 'accepted':
    case 'overdue':
      return { ...facts, kind: 'accepted', duplicate: reason === 'duplicate', later: laterReplyOf(outbox, id) };
    case 'replied':
    case 'rejected':
      return endOf(outbox, id, state, facts);
    default:
      return undefined;
  }
}

async function endOf(outbox: Outbox, id: string, state: 'replied' | 'rejected', facts: Pick<MessageReply, 'http' | 'attempts'>): Promise<Reply> {
  const { reply: message, issues = [] } = (await outbox.read(id)) ?? {};
  if (message === undefined) {
    return state === 'replied' ? { ...facts, issues, kind: 'processed' } : { ...facts, issues, kind: 'refused', mayHaveArrived: false };
  }
  const { code: kind } = readReply(message);
  return { ...facts, issues, kind, message, matched: undefined, matchedByRule: false, disagrees: false, pinned: false };
}

/** The reply that comes later; nobody has to wait for it. */
function laterReplyOf(outbox: Outbox, id: string): Promise<MessageReply> {
  const later = new Promise<MessageReply>((resolve, reject) => {
    const look = async (): Promise<void> => {
      // Most changes are other messages': what is shown of them was read already.
      if (outbox.getState().entries.find((other) => other.id === id)?.state === 'accepted') return;
      const { state } = (await outbox.list()).entries.find((other) => other.id === id) ?? {};
      if (state === 'accepted') return;
      stop();
      const reply = state === 'replied' || state === 'rejected' ? await endOf(outbox, id, state, { http: undefined, attempts: 0 }) : undefined;
      if (reply && 'message' in reply) resolve(reply);
      else reject(new MessagingError('transport.timeout', 'No reply came by the deadline.', { delivery: 'yes' }));
    };
    const stop = watching(outbox, look, reject);
  });
  later.catch(() => undefined);
  return later;
}
