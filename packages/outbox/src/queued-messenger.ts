import { eventNameOf, isMessagingError, MessagingError, tell, untilAborted } from '@fhir-messaging/core';
import type { AnyEvent, Delivery, Message, Messenger, ProgressEvent, Reply, Resource, SendOptions } from '@fhir-messaging/core';
import { endOf, replyOf, wentOn } from './entry-reply.ts';
import { lookOn, requireUnreadable } from './look-on.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';

/** A messenger whose sends go through an outbox. */
export interface QueuedMessenger extends Messenger {
  /** The outbox, for the hooks and others that show its entries. */
  readonly outbox: Outbox;
}

/**
 * A messenger whose sends go through an outbox: code that submits, updates and shows messages over any messenger does so durably over this one. The
 * same outbox and messenger give the same object, so that components which show messages do not begin anew.
 *
 * `send` resolves or rejects when the entry has come to an end, however long that takes, also where somebody has to sign in first.
 *
 * - Until then it reports `waiting`, with `needsSignIn`; an abort ends the waiting, not the sending.
 * - A message behind one of its key that somebody has to decide about (`uncertain`, `dead`, `blocked`) is taken back, and its `send` rejects. But it
 *   takes the place of a `dead` one for which an earlier `send` of this messenger rejected.
 * - A message that is in the outbox already is tried again where it ended without an answer, or with `transient-error`. Any other answer is given as it
 *   is kept there, and nothing is sent: `outbox.retry` does that.
 * - What becomes of a message after its send ended, as by `outbox.retry`, is told to whoever asks: `wentOn`, as a submission does before it makes a new
 *   message.
 * - The `later` of a message that was accepted rejects with `transport.timeout` when the entry is `overdue`, and with `closed` when the outbox does not
 *   have the reply: the entry was taken out, or the reply cannot be read.
 * - `async` and `responseUrl` are ignored, since they are options of the outbox, and so is `responseRequest`, which the message says.
 *
 * `close` ends all that waits here, with `closed`, and closes the messenger. The outbox stays open: what waits there is sent by whoever sends from it.
 *
 * @throws {MessagingError} by `send`: those of `outbox.enqueue`; with `delivery`, `message.invalid` where the messenger's own check found an error;
 * `transport.failed` where the entry came to `dead` or `blocked`, or one before it to these or to `uncertain` (`no`), or the entry itself to
 * `uncertain` (`unknown`); `closed` where the entry was taken out of the outbox, or after `close`. @throws the signal's own reason.
 * @example <MessagingProvider messenger={queuedMessenger(outbox, messenger)}>
 */
export function queuedMessenger(outbox: Outbox, messenger: Messenger): QueuedMessenger {
  const known = made.get(outbox)?.get(messenger);
  if (known) return known;
  const closing = new AbortController();
  const queue: Queue = { outbox, told: new Set(), ids: new WeakMap(), closing: closing.signal };
  const queued = Object.freeze<QueuedMessenger>({
    create: messenger.create.bind(messenger),
    async close() {
      closing.abort(new MessagingError('closed', 'The messenger was closed before the reply came.', { delivery: 'yes' }));
      await messenger.close();
    },
    outbox,
    send: <TResource extends Resource>(message: Message<AnyEvent | undefined, TResource>, options?: SendOptions): Promise<Reply<TResource>> =>
      toRequest(message, sendThrough(queue, message, options)),
    wentOn: (message) => wentOn(outbox, message, queue.ids.get(message), queue.closing),
    accept: (bundle, options) => outbox.accept(bundle, options),
  });
  made.set(outbox, (made.get(outbox) ?? new WeakMap<Messenger, QueuedMessenger>()).set(messenger, queued));
  return queued;
}

const made = /* @__PURE__ */ new WeakMap<Outbox, WeakMap<Messenger, QueuedMessenger>>();

/** The reply in the types of its request, which nobody checked. */
function toRequest<TResource extends Resource>(request: Message<AnyEvent | undefined, TResource>, reply: Promise<Reply>): Promise<Reply<TResource>>;
function toRequest(_: unknown, reply: Promise<Reply>): unknown {
  return reply;
}

/** What the sends of one messenger have in common. */
interface Queue {
  readonly outbox: Outbox;
  /** The ids of `dead` entries whose senders were told so. */
  readonly told: Set<string>;
  /** The entries of messages that were sent. */
  readonly ids: WeakMap<Message<AnyEvent | undefined, Resource>, string>;
  readonly closing: AbortSignal;
}

/** Queues a message, and waits for its end. */
async function sendThrough({ outbox, told, ids, closing }: Queue, message: Message<AnyEvent | undefined, Resource>, { signal, onProgress }: SendOptions = {}): Promise<Reply> {
  let stop = (): void => undefined;
  let isOver = false;
  let attempt = 0;
  /** What is known of the delivery where the error does not say it. */
  let delivery: Delivery = 'no';
  const report = (event: ProgressEvent): void => {
    if (!isOver) tell([onProgress], event, { message: message.identity.message, event: eventNameOf(message.graph.header) });
  };
  try {
    signal?.throwIfAborted();
    closing.throwIfAborted();
    // Before the call, which may fail although the message is stored.
    delivery = 'unknown';
    const found = await outbox.enqueue(message);
    const { id } = found;
    ids.set(message, id);
    await tryAgain(outbox, found).catch((error: unknown) => requireUnreadable(error));
    const ended = new Promise<Reply>((resolve, reject) => {
      const look = async (): Promise<void> => {
        const { entries } = await outbox.list();
        const place = entries.findIndex((other) => other.id === id);
        const entry = entries[place];
        const sends = entry?.sends ?? 0;
        if (entry?.state === 'sending' && sends !== attempt) report({ kind: 'attempt', attempt: sends });
        attempt = sends;
        if (entry?.state === 'pending' || entry?.state === 'waiting') {
          const needsSignIn = entry.state === 'waiting' && entry.reason !== 'locked';
          if (entry.dueAtMs !== undefined) report({ kind: 'waiting', attempt: sends + 1, delayMs: 0, untilMs: entry.dueAtMs, unanswered: entry.mayHaveArrived, needsSignIn });
          await requireWay(outbox, entries.slice(0, place), entry, told);
        }
        if (entry?.state === 'dead') told.add(id);
        const reply = await replyOf(outbox, message, id, entry, closing);
        if (reply) resolve(reply);
      };
      stop = lookOn(outbox, look, reject);
    });
    return await untilAborted(untilAborted(ended, signal), closing);
  } catch (reason) {
    const error: unknown = reason === closing.reason ? new MessagingError('closed', 'The messenger was closed.', { delivery }) : reason;
    const known = (isMessagingError(error) ? error.delivery : undefined) ?? delivery;
    report({ kind: 'delivery', attempt, delivery: known, unanswered: known !== 'no', code: isMessagingError(error) ? error.code : undefined });
    throw error;
  } finally {
    isOver = true;
    stop();
  }
}

/** Has a message tried again that ended without an answer, or with `transient-error`; any other answer stays. */
async function tryAgain(outbox: Outbox, { id, state, reason }: OutboxEntry): Promise<void> {
  const isUnanswered = /^(uncertain|dead)$/.test(state) || reason === 'transient-error';
  if (isUnanswered || (state === 'rejected' && (await endOf(outbox, id, state)).kind === 'transient-error')) await outbox.retry(id);
}

/** Takes a message back that stands behind one which does not go on by itself, unless that one's sender was told so: then it takes its place. */
async function requireWay(outbox: Outbox, earlier: readonly OutboxEntry[], entry: OutboxEntry, told: ReadonlySet<string>): Promise<void> {
  const before = earlier.find(({ key, state }) => key === entry.key && /^(uncertain|dead|blocked)$/.test(state));
  if (before === undefined) return;
  if (told.has(before.id) && ((await outbox.cancel(before.id, before)) || (await isChanged(outbox, before)))) return;
  if (await outbox.cancel(entry.id, entry)) {
    throw new MessagingError('transport.failed', `The message was not sent: predecessor.${before.state}.`, { delivery: 'no', attempts: entry.sends });
  }
}

/** Whether an entry is gone or changed by now: another look in the same moment may have taken it back, or had it tried again. */
async function isChanged(outbox: Outbox, { id, changedAtMs }: OutboxEntry): Promise<boolean> {
  return !(await outbox.list()).entries.some((other) => other.id === id && other.changedAtMs === changedAtMs);
}
