import { isError, isMessagingError } from '@fhir-messaging/core';
import type { Issue, Resource, SubmissionState } from '@fhir-messaging/core';

/** What a state is to who looks at it. */
export interface Saying {
  /** `good` is over and well; `ask` needs a decision; `bad` needs mending. */
  readonly tone: 'quiet' | 'busy' | 'good' | 'ask' | 'bad';
  readonly title: string;
  readonly text: string;
  /** What the other side, or a rule, found. */
  readonly issues: readonly Issue[];
}

/** What a sentence needs to know beside the state. */
export interface Setting {
  /** A submission or an update. */
  readonly what: 'referral' | 'change';
  /** For how long the other side says that it recognises a message that comes again. */
  readonly recognisedMinutes: number | undefined;
  /** Whether the page was reloaded while the message was under way, and nothing was tried with it since. */
  readonly reloaded?: boolean | undefined;
}

/** Each state of a submission in words for somebody who has never seen FHIR. */
export function sayState(state: SubmissionState<unknown, Resource>, setting: Setting): Saying {
  const { what } = setting;
  const saying = (tone: Saying['tone'], title: string, text: string): Saying => ({ tone, title, text, issues: issuesOf(state) });
  switch (state.kind) {
    case 'idle':
      return saying('quiet', 'Not sent yet', `Nothing leaves this computer until you send the ${what}.`);
    case 'checking':
      return saying('busy', 'Checking', `The ${what} is checked before it leaves this computer.`);
    case 'sending':
      return state.waitingUntilMs === undefined
        ? saying('busy', 'Sending', state.attempt === 1 ? `The ${what} is on its way.` : `The same ${what} is on its way again: attempt ${state.attempt}.`)
        : saying('busy', 'Trying again shortly', `The other side did not answer, or could not take the ${what} just now. The same one goes out again: attempt ${state.attempt}.`);
    case 'accepted':
      return saying('good', 'Taken over', `The other side ${state.reply.duplicate ? 'has' : 'took'} the ${what} and will process it. Its answer comes later; there is nothing to do now.`);
    case 'done':
      return saying('good', 'Received', `The other side received the ${what} and confirmed it.${attemptsSaid(state.reply.attempts)}`);
    case 'invalid':
      return saying('bad', 'Not sent', `The ${what} cannot go out like this. See what is missing, mend it, and send it.`);
    case 'refused':
      return state.mayHaveArrived
        ? saying('ask', 'Refused, but it may have arrived before', `The other side refused the last attempt, and nobody answered an earlier one. ${advice(setting)}`)
        : saying('bad', 'Refused', `The other side did not take the ${what}, and did nothing with it. See why, mend it, and send it.`);
    case 'rejected':
      return sayRejection(state.reply, saying, setting);
    case 'failed':
      return sayFailure(state, saying, setting);
    case 'mayHaveArrived':
      return saying('ask', 'Send both?', `The ${what} that you sent before may have arrived. If this changed one goes out too, the other side may have it twice.`);
  }
}

type Say = (tone: Saying['tone'], title: string, text: string) => Saying;

function sayRejection({ kind, pinned }: { readonly kind: string; readonly pinned: boolean }, saying: Say, { what }: Setting): Saying {
  if (kind === 'fatal-error') {
    return saying('bad', 'Turned down', `The other side read the ${what} and said no. See why, change it, and send it.`);
  }
  return pinned
    ? saying('ask', 'Not processed', `The other side gives the same “not now” each time, so sending it again is of no use. Call them before you send another ${what}.`)
    : saying('ask', 'Not just now', `The other side has the ${what}, and could not process it just now. Nothing is wrong with it: send the same one again in a while.`);
}

function sayFailure({ error, delivery }: { readonly error: Error; readonly delivery: string }, saying: Say, setting: Setting): Saying {
  const { what, reloaded = false } = setting;
  const isSignedOut = isMessagingError(error) && error.code === 'session.expired';
  switch (delivery) {
    case 'no':
      return isSignedOut
        ? saying('bad', 'Not sent: you are signed out', `Nothing of the ${what} arrived. Open this app from your EHR again, and send it from there.`)
        : saying('bad', 'Not sent', `Nothing of the ${what} arrived. Send it again when you like.`);
    case 'yes':
      return saying('ask', 'It arrived, without a readable answer', `Do not make another ${what}. Send the same one again to have the answer repeated, or call the other side.`);
    default: {
      const why = reloaded ? `This page was closed or reloaded while the ${what} was on its way` : error.name === 'AbortError' ? `You stopped the ${what} while it was on its way` : `Nobody answered`;
      return saying('ask', 'It may have arrived', `${why}, so nobody here can tell whether it arrived. ${advice(setting)}`);
    }
  }
}

function advice({ what, recognisedMinutes }: Setting): string {
  return recognisedMinutes === undefined
    ? `The other side does not say whether it would recognise the ${what}. Call them, or send the same one again: it carries the same number.`
    : `Send the same one again: by its number the other side recognises it, for ${recognisedMinutes} minutes after the first time.`;
}

function attemptsSaid(attempts: number): string {
  return attempts > 1 ? ` It took ${attempts} attempts, all with the same number, by which the other side tells that it is one.` : '';
}

function issuesOf(state: SubmissionState<unknown, Resource>): readonly Issue[] {
  if (state.kind === 'invalid') {
    return state.issues.filter(isError);
  }
  if ('issues' in state) {
    return state.issues;
  }
  if (state.kind === 'failed' && isMessagingError(state.error)) {
    return state.error.issues;
  }
  return 'reply' in state ? state.reply.issues : [];
}
