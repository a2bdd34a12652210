import type { Resource } from '../fhir/resource.ts';
import type { SubmissionState } from './submission-state.ts';

/** What the last message leaves open for the next press. */
export type LeftOpen =
  /** Nothing: it is being sent, or was taken over or processed, and nothing may follow it. */
  | 'nothing'
  /** It was taken over, and its reply is still to come: other content, which may follow it, is asked about. */
  | 'custody'
  /** It was answered for good, and came to nothing: whatever is sent next is a new message. */
  | 'new'
  /** It was processed, and other content may follow it: an update after an update. */
  | 'changes'
  /** It surely did not arrive: the same content is the same message. */
  | 'same'
  /** It may have arrived: the same content is the same message, other content is asked about. */
  | 'unsure'
  /** The other side replays one `transient-error` for it: sending it again is of no use, and a new one is asked about. */
  | 'pinned';

/** The steps that a press can make. */
export type Step = 'nothing' | 'send-new' | 'send-same' | 'ask';

/**
 * The step that a press makes. The same content is the same message, whether the machine or a person sends it again; only changed content, or an
 * answer of `fatal-error` or a refusal, makes a new one. Where the earlier message may have arrived, a new one is asked about first. Where the step is
 * `send-new`, the press is held against the message before as well.
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

/** What a message leaves open in the state that it reached. `mayBeFollowed`: other content may follow it, as an update an update. */
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
