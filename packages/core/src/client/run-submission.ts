import { isMessagingError, MessagingError, toIssues } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { tell } from '../exchange/progress.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph } from '../graph/graph-value.ts';
import type { Message } from '../message/message.ts';
import type { Messenger } from './messenger.ts';
import { holderOf } from './observed.ts';
import { isSameContent, keepContent } from './same-content.ts';
import { leftOpenBy, stepFor } from './submission-step.ts';
import type { LeftOpen } from './submission-step.ts';
import type { SubmissionState } from './submission-state.ts';
import type { Submission, SubmitOptions } from './submission.ts';

/** A message of whatever event and release. */
type AnyMessage = Message<AnyEvent | undefined, Resource>;

/** How one kind of submission makes its messages. */
export interface SubmissionParts<TContent extends object> {
  readonly messenger: Messenger;
  /** A message that an earlier page or process may have sent. */
  readonly unsettled?: AnyMessage | undefined;
  /** What the content becomes before anything else is done with it. */
  readonly prepare: (content: TContent) => TContent;
  readonly create: (content: TContent, options: SubmitOptions) => AnyMessage;
  /** What a message that was processed leaves open. */
  readonly afterDone: LeftOpen;
  /** Is told of a message that was processed, before anybody else. */
  readonly onDone?: ((message: AnyMessage, reply: Reply<Resource>) => void) | undefined;
}

interface Content<TContent> {
  /** As it was then, for a new message. */
  readonly given: TContent;
  /** The same, to know it by. */
  readonly kept: object;
  readonly options: SubmitOptions;
}

interface Sent {
  readonly message: AnyMessage;
  /** What it was made of, to know it by; `undefined` where nobody knows. */
  readonly kept: object | undefined;
  readonly options: SubmitOptions;
  leftOpen: LeftOpen;
  /** Whether anything that was tried with it may have arrived, and was not answered for good. */
  mayHaveArrived: boolean;
}

type State = SubmissionState<AnyEvent | undefined, Resource>;

const idle: State = Object.freeze({ kind: 'idle' });

/** The state machine behind a submission, whatever its messages are made of. */
export function runSubmission<TContent extends object>(parts: SubmissionParts<TContent>): Submission<TContent, AnyEvent | undefined, Resource> {
  const { messenger, unsettled, prepare, create } = parts;
  let sent: Sent | undefined;
  let asked: Content<TContent> | undefined;
  let stop: AbortController | undefined;
  let running: Promise<State> | undefined;
  const { getState, setState, subscribe } = holderOf<State>(idle);

  const reach = (state: State): Promise<State> => {
    setState(state);
    return Promise.resolve(state);
  };

  /** What the messenger has to say of it, and what only the person can answer, ends here; a programmer's mistake does not. */
  function orInvalid(run: () => Promise<State>): Promise<State> {
    try {
      return run();
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      asked = undefined;
      return reach({ kind: 'invalid', error, issues: toIssues(error) });
    }
  }

  function sendNew({ given, kept, options }: Content<TContent>): Promise<State> {
    asked = undefined;
    return orInvalid(() => send({ message: create(given, options), kept, options, leftOpen: 'nothing', mayHaveArrived: false }));
  }

  function send(next: Sent): Promise<State> {
    sent = next;
    asked = undefined;
    sent.leftOpen = 'nothing';
    stop = new AbortController();
    running = attempt(next, stop.signal);
    return running;
  }

  async function attempt(own: Sent, signal: AbortSignal): Promise<State> {
    const { message } = own;
    const { async, responseUrl, responseRequest, onProgress } = own.options;
    let known: Delivery | undefined;
    setState({ kind: 'checking', message });
    try {
      const reply = await messenger.send(message, {
        async,
        responseUrl,
        responseRequest,
        signal,
        onProgress(event) {
          if (event.kind === 'attempt') setState({ kind: 'sending', message, attempt: event.attempt, waitingUntilMs: undefined });
          if (event.kind === 'waiting') setState({ kind: 'sending', message, attempt: event.attempt, waitingUntilMs: event.untilMs });
          if (event.kind === 'delivery') known = event.delivery;
          tell([onProgress], event);
        },
      });
      end();
      return settle(own, reply);
    } catch (error) {
      end();
      return fail(own, error, known ?? (isMessagingError(error) ? error.delivery : undefined) ?? 'unknown');
    }
  }

  /** Before the last state is told: who reacts to it at once, by another press or a reset, is heard. */
  function end(): void {
    stop = undefined;
    running = undefined;
  }

  function settle(own: Sent, reply: Reply<Resource>): State {
    const { message } = own;
    own.mayHaveArrived ||= reply.kind === 'refused' ? reply.mayHaveArrived : reply.kind === 'transient-error';
    if (reply.kind === 'accepted') {
      reply.later?.then(
        (later) => {
          if (own === sent) settle(own, later);
        },
        (error: unknown) => {
          if (own === sent) fail(own, error, 'yes');
        },
      );
    }
    const state = stateAfter(own, reply);
    own.leftOpen = state.kind === 'accepted' && parts.afterDone === 'changes' ? 'custody' : leftOpenBy(state);
    if (state.kind === 'done') {
      own.leftOpen = parts.afterDone;
      parts.onDone?.(message, reply);
    }
    setState(state);
    return state;
  }

  function fail(own: Sent, thrown: unknown, known: Delivery): State {
    const { message } = own;
    const delivery = known === 'no' && own.mayHaveArrived ? 'unknown' : known;
    own.mayHaveArrived = delivery !== 'no';
    const error = thrown instanceof Error ? thrown : new Error('What was thrown is no Error.', { cause: thrown });
    const isUnsound = isMessagingError(error) && error.code === 'message.invalid' && delivery === 'no';
    const state: State = isUnsound ? { kind: 'invalid', error, issues: error.issues } : { kind: 'failed', message, error, delivery };
    own.leftOpen = leftOpenBy(state);
    setState(state);
    return state;
  }

  function recall(message: AnyMessage): void {
    if (sent) return;
    sent = { message, kept: undefined, options: {}, leftOpen: 'unsure', mayHaveArrived: true };
    setState(unknownSince(message));
  }

  function ask(earlier: Sent, content: Content<TContent>): Promise<State> {
    asked = content;
    const state = getState();
    return reach({ kind: 'mayHaveArrived', message: earlier.message, earlier: state.kind === 'mayHaveArrived' ? state.earlier : state });
  }

  if (unsettled) recall(unsettled);
  return {
    getState,
    subscribe,
    recall,
    submit: (content, options = {}) =>
      running ??
      orInvalid(() => {
        const prepared = prepare(content);
        // What is sent later is what was pressed for, whatever its owner does with it meanwhile.
        const given = isGraph(prepared) ? prepared : frozenCopy(prepared);
        const next: Content<TContent> = { given, options, kept: { content: keepContent(given), options: keepContent(saidBy(options)) } };
        if (sent === undefined) {
          return sendNew(next);
        }
        switch (stepFor(sent.leftOpen, sent.kept !== undefined && isSameContent(sent.kept, next.kept))) {
          case 'nothing':
            return reach(getState());
          case 'send-same':
            return send(sent);
          case 'send-new':
            return sendNew(next);
          case 'ask':
            return ask(sent, next);
        }
      }),
    resend() {
      return running ?? (sent && ['same', 'unsure', 'pinned'].includes(sent.leftOpen) ? send(sent) : reach(getState()));
    },
    submitAnyway: () => running ?? (asked ? sendNew(asked) : reach(getState())),
    dismiss() {
      const state = getState();
      asked = undefined;
      if (state.kind === 'mayHaveArrived') setState(state.earlier);
    },
    abort() {
      stop?.abort();
    },
    reset() {
      if (stop) return;
      sent = undefined;
      asked = undefined;
      setState(idle);
    },
  };
}

/** What a reply makes of a message. */
function stateAfter({ message, mayHaveArrived }: Sent, reply: Reply<Resource>): State {
  const { issues } = reply;
  switch (reply.kind) {
    case 'ok':
    case 'processed':
      return { kind: 'done', message, reply };
    case 'accepted':
      return { kind: 'accepted', message, reply };
    case 'refused':
      return { kind: 'refused', message, reply, issues, mayHaveArrived };
    case 'transient-error':
    case 'fatal-error':
      return { kind: 'rejected', message, reply, issues };
  }
}

/** What is in the options that a message, or the way in which it is sent, shows. */
function saidBy({ newId, now, onProgress, ...said }: SubmitOptions): object {
  return said;
}

function unknownSince(message: AnyMessage): State {
  const error = new MessagingError('transport.failed', 'This message was being sent when its page or process ended: it may have arrived.', { delivery: 'unknown' });
  return { kind: 'failed', message, error, delivery: 'unknown' };
}
