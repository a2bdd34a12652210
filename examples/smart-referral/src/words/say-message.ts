import type { OutboxDurability } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import { whereKept } from './where-kept.ts';

/** What a state is to who looks at it. */
export interface Saying {
  /** `good` is over and well; `busy` goes on by itself; `ask` needs a decision; `bad` needs mending. */
  readonly tone: 'quiet' | 'busy' | 'good' | 'ask' | 'bad';
  readonly title: string;
  readonly text: string;
}

/** What a sentence needs to know beside the message. */
export interface Setting {
  readonly what: 'referral' | 'change';
  /** For how long the other side says that it recognises a message that comes again. */
  readonly recognisedMinutes: number | undefined;
  readonly durability: OutboxDurability;
  readonly isOnline: boolean;
  /** Whether what it follows is not settled yet. */
  readonly isNext: boolean;
}

const saying = (tone: Saying['tone'], title: string, text: string): Saying => ({ tone, title, text });

/** Each state of a queued message in words for somebody who has never seen FHIR. */
export function sayMessage(message: QueuedMessage, setting: Setting): Saying {
  const { what, durability } = setting;
  const { state, reason = '', mayHaveArrived } = message;
  switch (state) {
    case 'pending':
      return sayPending(message, setting);
    case 'sending':
      return saying('busy', 'Sending', `The ${what} is on its way. Where nobody answers, the same one goes out again by itself.`);
    case 'waiting':
      return reason === 'locked'
        ? saying('bad', 'Not readable here', `The ${what} was locked with a key that this browser no longer has. Nothing of it goes out.`)
        : mayHaveArrived
          ? saying('bad', 'It may have arrived: you are signed out', `Nobody answered the ${what} before your sign-in ended. It is kept ${whereKept(durability)}. Open this app from your EHR again: then the same one goes out once more.`)
          : saying('bad', 'Not sent: you are signed out', `Nothing of the ${what} arrived. It is kept ${whereKept(durability)}. Open this app from your EHR again, and it goes out.`);
    case 'accepted':
      return saying('good', 'Taken over', `The other side took the ${what} and will process it. Its answer comes later; there is nothing to do now.`);
    case 'overdue':
      return saying('ask', 'No answer yet', `The other side took the ${what} over, and its answer is late. Call them, and ask whether they have it. Then say here what they said.`);
    case 'replied':
      return reason === 'decided'
        ? saying('good', 'Arrived, as you said', `You found out that the ${what} arrived. Their answer never came, so it cannot be shown here.`)
        : saying('good', 'Received', `The other side received the ${what} and confirmed it.`);
    case 'rejected':
      return reason === 'fatal-error'
        ? saying('bad', 'Turned down', `The other side read the ${what} and said no. See why, change it, and send it.`)
        : saying('bad', 'Refused', `The other side did not take the ${what}, and did nothing with it. See why, mend it, and send it.`);
    case 'uncertain':
      return sayUncertain(reason, setting);
    case 'blocked':
      return message.isOver
        ? saying('bad', 'It cannot go', `What the ${what} was for was not taken. It goes along with what you send next.`)
        : saying('busy', 'Waiting for the one before', `The ${what} is kept ${whereKept(durability)}. It goes out once it is clear what became of the one before it.`);
    case 'dead':
      return reason === 'pinned'
        ? saying('ask', 'Not processed', `The other side gives the same “not now” each time, so sending this ${what} again is of no use. Call them before you send it as a new one.`)
        : saying('bad', 'Not sent', `Nothing of the ${what} arrived, and it is not tried any more. Send it again when you like.`);
  }
}

function sayPending({ sends, reason, mayHaveArrived }: QueuedMessage, { what, durability, isOnline, isNext, recognisedMinutes }: Setting): Saying {
  const kept = `Kept ${whereKept(durability)}`;
  const later = durability === 'durable' ? 'You may close this window: open the app again, and it goes out then.' : 'You may close this window: open the app inside this EHR again, and it goes out then.';
  if (isNext) {
    return saying('busy', 'Queued', `${kept}; it goes out right after the one before it. ${later}`);
  }
  if (mayHaveArrived) {
    const again = isOnline ? 'The same one goes out again by itself' : `The same one is kept ${whereKept(durability)}, and goes out again when the connection is back`;
    const known = recognisedMinutes === undefined ? '' : `: by its number the other side recognises it, for ${recognisedMinutes} minutes after the first time`;
    return reason === 'transient-error'
      ? saying('busy', 'Not just now', `The other side has the ${what}, and could not process it just now. Nothing is wrong with it. ${again}.`)
      : saying('busy', 'It may have arrived', `Nobody answered, so nobody here can tell whether the ${what} arrived. ${again}${known}.`);
  }
  if (!isOnline) {
    return saying('busy', 'Queued', `${kept}; it goes out when the connection is back. ${later}`);
  }
  if (sends === 0) {
    return saying('busy', 'Queued', `${kept}; it goes out in a moment.`);
  }
  return reason === 'transient-error'
    ? saying('busy', 'Not just now', `The other side could not process the ${what} just now. Nothing is wrong with it: the same one goes out again by itself. ${kept} until then.`)
    : saying('busy', 'Trying again shortly', `Nothing of the ${what} arrived: the other side could not be reached, or could not take it just now. The same one goes out again by itself. ${kept} until then.`);
}

function sayUncertain(reason: string, { what, recognisedMinutes }: Setting): Saying {
  if (reason === 'pinned') {
    return saying('ask', 'It may have arrived', `The other side gives the same “not now” each time, and an earlier attempt went unanswered. Call them, and ask whether the ${what} arrived. Then say here what they said.`);
  }
  if (reason.startsWith('http.')) {
    return saying('ask', 'Refused, but it may have arrived before', `The other side refused the last attempt, and nobody answered an earlier one. Call them, and ask whether the ${what} arrived. Then say here what they said.`);
  }
  if (reason === 'reply.invalid') {
    return saying('ask', 'It arrived, without a readable answer', `Do not make another ${what}. Send the same one again to have the answer repeated, or call the other side.`);
  }
  return recognisedMinutes === undefined
    ? saying('ask', 'It may have arrived', `Nobody answered, and the other side does not say whether it would recognise the ${what} if it came twice. Call them, and ask whether it arrived. Then say here what they said.`)
    : saying('ask', 'It may have arrived', `Nobody answered, and it is too late to rely on the other side recognising the same ${what}. Call them, and ask whether it arrived. Then say here what they said.`);
}
