import type { Resource } from '../fhir/resource.ts';
import type { SubmissionState } from './submission-state.ts';

/** What the message that was sent last leaves open for the next press. */
export type LeftOpen =
  /** Nothing: it is being sent, or processed. */
  | 'nothing'
  /** It was taken over, and its reply is still to come: other content that could follow it is asked about. */
  | 'custody'
  /** It was answered for good: whatever is sent next is a new message. */
  | 'new'
  /** It was processed, and other content may follow it: an update after an update. */
  | 'changes'
  /** It surely did not arrive: the same content is the same message. */
  | 'same'
  /** It may have arrived: the same content is the same message, other content is asked about. */
  | 'unsure'
  /** The other side replays one `transient-error` for it: sending it again is of no use, and a new one is asked about. */
  | 'pinned';

/** What a press does. */
export type Step = 'nothing' | 'send-new' | 'send-same' | 'ask';

/**
 * What a press does: resending the same message, by the machine or by a person, is the same message; only changed content, or a message
 * that was answered `fatal-error` or refused, is a new one. Where the earlier one may have arrived, a new one is asked about first.
 */
export function stepFor(leftOpen: LeftOpen, isSame: boolean): Step {
  const { same, other } = steps[leftOpen];
  return isSame ? same : other;
}

const steps: Readonly<Record<LeftOpen, { readonly same: Step; readonly other: Step }>> = {
  nothing: { same: 'nothing', other: 'nothing' },
  custody: { same: 'nothing', other: 'ask' },
  changes: { same: 'nothing', other: 'send-new' },
  new: { same: 'send-new', other: 'send-new' },
  same: { same: 'send-same', other: 'send-new' },
  unsure: { same: 'send-same', other: 'ask' },
  pinned: { same: 'ask', other: 'ask' },
};

/** What a message leaves open in the state that it reached; `mayBeFollowed` where other content may follow it: an update after an update. */
export function leftOpenBy(state: SubmissionState<unknown, Resource>, mayBeFollowed: boolean): LeftOpen {
  switch (state.kind) {
    case 'accepted':
      return mayBeFollowed ? 'custody' : 'nothing';
    case 'done':
      return mayBeFollowed ? 'changes' : 'nothing';
    case 'refused':
      return state.mayHaveArrived ? 'unsure' : 'new';
    case 'rejected':
      return state.reply.kind === 'fatal-error' ? 'new' : state.reply.pinned ? 'pinned' : 'unsure';
    case 'failed':
      return state.delivery === 'no' ? 'same' : 'unsure';
    case 'invalid':
      return 'same';
    default:
      return 'nothing';
  }
}
