import { expectsReply, isMessagingError, MessagingError, readReply, untilAborted } from '@fhir-messaging/core';
import type { AnyEvent, Message, MessageReply, Reply, Resource } from '@fhir-messaging/core';
import { lookOn } from './look-on.ts';
import type { Outbox, OutboxEntry, OutboxMessages } from './outbox.ts';

type Facts = Pick<MessageReply, 'http' | 'attempts'>;

/** An entry's reply, as a messenger gives it; `undefined` while it is on its way. */
export async function replyOf(outbox: Outbox, request: Message<AnyEvent | undefined, Resource>, id: string, entry: OutboxEntry | undefined, closing: AbortSignal): Promise<Reply | undefined> {
  const { state = 'gone', reason = '', sends: attempts = 0 } = entry ?? {};
  const facts = { issues: [], http: undefined, attempts };
  switch (state) {
    case 'gone':
      // Another page may have removed the entry after it was sent.
      throw new MessagingError('closed', 'The message is in the outbox no more.', { delivery: outbox.wasCancelled(id) ? 'no' : 'unknown' });
    case 'dead':
    case 'blocked': {
      const { issues = [] } = (await readable(outbox, id)) ?? {};
      throw new MessagingError(issues.length > 0 ? 'message.invalid' : 'transport.failed', `The message was not sent: ${reason}.`, { delivery: 'no', attempts, issues });
    }
    case 'uncertain':
      throw new MessagingError('transport.failed', `Nobody can tell whether the message arrived: ${reason}.`, { delivery: 'unknown', attempts });
    case 'accepted':
    case 'overdue': {
      const duplicate = reason === 'duplicate';
      const isWanted = expectsReply(request);
      return { ...facts, kind: 'accepted', duplicate, owesReply: outbox.async && isWanted && !duplicate, later: isWanted ? laterReplyOf(outbox, id, closing) : undefined };
    }
    case 'replied':
    case 'rejected':
      return endOf(outbox, id, state, { ...facts, http: httpOf(reason) });
    default:
      return undefined;
  }
}

/** Whether a message that was turned down or not sent stands otherwise by now, or nobody can tell. @param id - missing where it was never stored. */
export async function wentOn(outbox: Outbox, message: Message<AnyEvent | undefined, Resource>, id: string | undefined, closing: AbortSignal): Promise<boolean> {
  if (id === undefined) return false;
  try {
    const { entries } = await outbox.list();
    const reply = await replyOf(outbox, message, id, entries.find((entry) => entry.id === id), closing);
    return reply?.kind !== 'refused' && reply?.kind !== 'fatal-error';
  } catch (error) {
    return !isMessagingError(error) || error.delivery !== 'no';
  }
}

/** The answer that refused a message, without its headers, which were not kept. */
function httpOf(reason: string): Reply['http'] {
  const [, status] = /^http\.(\d+)$/.exec(reason) ?? [];
  return status === undefined ? undefined : { status: Number(status), headers: new Headers() };
}

/** The answer that ended an entry. */
export async function endOf(outbox: Outbox, id: string, state: 'replied' | 'rejected', facts: Facts = { http: undefined, attempts: 0 }): Promise<Reply> {
  const { reply: message, issues = [] } = (await readable(outbox, id)) ?? {};
  if (message === undefined) {
    return state === 'replied' ? { ...facts, issues, kind: 'processed' } : { ...facts, issues, kind: 'refused', mayHaveArrived: false };
  }
  const { code: kind } = readReply(message);
  return { ...facts, issues, kind, message, matched: undefined, matchedByRule: false, disagrees: false, pinned: false };
}

/** What is stored of an entry; `undefined`, too, where it cannot be read: then the entry's state says what became of it. */
async function readable(outbox: Outbox, id: string): Promise<OutboxMessages | undefined> {
  return outbox.read(id).catch((error: unknown) => {
    if (isMessagingError(error) && /invalid$/.test(error.code)) return undefined;
    throw error;
  });
}

/** The reply that comes later, until the messenger is closed; nobody has to wait for it. */
function laterReplyOf(outbox: Outbox, id: string, closing: AbortSignal): Promise<MessageReply> {
  let stop = (): void => undefined;
  const came = new Promise<MessageReply>((resolve, reject) => {
    const look = async (): Promise<void> => {
      // Most changes are of other entries: the state that was read for them says so without another reading.
      if (outbox.getState().entries.find((other) => other.id === id)?.state === 'accepted') return;
      const { state } = (await outbox.list()).entries.find((other) => other.id === id) ?? {};
      if (state === 'accepted') return;
      const reply = state === 'replied' || state === 'rejected' ? await endOf(outbox, id, state) : undefined;
      if (reply && 'message' in reply) resolve(reply);
      else if (state === 'overdue') reject(new MessagingError('transport.timeout', 'No reply came by the deadline.', { delivery: 'yes' }));
      else reject(new MessagingError('closed', 'The outbox does not have the reply.', { delivery: 'yes' }));
    };
    stop = lookOn(outbox, look, reject);
  });
  const later = untilAborted(came, closing);
  later.then(stop, stop);
  return later;
}
