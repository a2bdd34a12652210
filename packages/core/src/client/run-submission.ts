import { isMessagingError, toIssues } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { tell } from '../exchange/progress.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph } from '../graph/graph-value.ts';
import { withResponseRequest } from '../message/with-response-request.ts';
import { holderOf } from './observed.ts';
import { isSameContent, isSameMessage, keepContent } from './same-content.ts';
import { stateAfter, stateUnknown } from './state-after.ts';
import { leftOpenBy, stepFor } from './submission-step.ts';
import type { AnyMessage, Content, Reached, Sent, State, SubmissionParts } from './submission-parts.ts';
import type { Submission, SubmitOptions } from './submission.ts';

const idle: State = /* @__PURE__ */ Object.freeze({ kind: 'idle' });

/** The state machine behind a submission, whatever its messages are made of. */
export function runSubmission<TContent extends object>(parts: SubmissionParts<TContent>): Submission<TContent, AnyEvent | undefined, Resource> {
  const { messenger, unsettled, prepare, create } = parts;
  /** The names of the messages that were sent or recalled: none of them is recalled again. */
  const known = new Set<unknown>();
  let sent: Sent | undefined;
  let lastDone = -1;
  let asked: Content<TContent> | undefined;
  let stop: AbortController | undefined;
  let running: Promise<State> | undefined;
  const { getState, setState, subscribe } = holderOf<State>(idle);

  const reach = (state: State): Promise<State> => {
    setState(state);
    return Promise.resolve(state);
  };

  /** Shows a MessagingError as the state `invalid`; any other error is a programmer's mistake, and is thrown. */
  function orInvalid(run: () => Promise<State>): Promise<State> {
    try {
      return run();
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      asked = undefined;
      return reach({ kind: 'invalid', error, issues: toIssues(error) });
    }
  }

  /** A copy to recognise content by, under the ids that are known now. */
  const keep = ({ given, options }: Content<TContent>): object => ({ content: keepContent(prepare(given)), options: keepContent(saidBy(options)) });

  function sendNew(content: Content<TContent>): Promise<State> {
    const { options } = content;
    asked = undefined;
    return orInvalid(() => send({ message: made(content), kept: () => keep(content), options, order: known.size, leftOpen: 'nothing', mayHaveArrived: false }));
  }

  function made({ given, options }: Content<TContent>): AnyMessage {
    const message = create(prepare(given), options);
    // Written here, not by `messenger.send`, so that a page which keeps the message keeps the one that travels.
    return options.responseRequest ? withResponseRequest(message, options.responseRequest) : message;
  }

  /** Whether a message says what a press is for. Of a recalled one nobody knows what it was made of: it is held against the message to be. */
  function says({ message, kept }: Sent, next: Content<TContent>): boolean {
    const now = keep(next);
    if (kept) return isSameContent(kept(), now);
    try {
      return isSameMessage(message, made(next));
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      return false;
    }
  }

  function send(next: Sent): Promise<State> {
    sent = next;
    known.add(nameOf(next.message));
    asked = undefined;
    sent.leftOpen = 'nothing';
    stop = new AbortController();
    running = attempt(next, stop.signal);
    return running;
  }

  async function attempt(own: Sent, signal: AbortSignal): Promise<State> {
    const { message } = own;
    const { async, responseUrl, onLeaving, onProgress } = own.options;
    let known: Delivery | undefined;
    setState({ kind: 'checking', message });
    try {
      const reply = await messenger.send(message, {
        async,
        responseUrl,
        onLeaving,
        signal,
        onProgress(event, about) {
          if (event.kind === 'attempt') setState({ kind: 'sending', message, attempt: event.attempt, waitingUntilMs: undefined, needsSignIn: false });
          if (event.kind === 'waiting') setState({ kind: 'sending', message, attempt: event.attempt, waitingUntilMs: event.untilMs, needsSignIn: event.needsSignIn === true });
          if (event.kind === 'delivery') known = event.delivery;
          tell([onProgress], event, about);
        },
      });
      end();
      return settle(own, reply);
    } catch (error) {
      end();
      return fail(own, error, known ?? (isMessagingError(error) ? error.delivery : undefined) ?? 'unknown');
    }
  }

  /** Called before the last state is told, so that a listener may press again or reset at once. */
  function end(): void {
    stop = undefined;
    running = undefined;
  }

  function settle(own: Sent, reply: Reply<Resource>): State {
    own.mayHaveArrived ||= reply.kind === 'refused' ? reply.mayHaveArrived : reply.kind === 'transient-error';
    if (reply.kind === 'accepted') {
      reply.later?.then(
        (later) => {
          if (own === sent) settle(own, later);
          else if (later.kind === 'ok') {
            done(own, later);
            setState({ ...getState() });
          }
        },
        (error: unknown) => {
          // A messenger that is closed says nothing of the reply.
          const isClosed = isMessagingError(error) && error.code === 'closed';
          if (reply.owesReply && own === sent && !isClosed) fail(own, error, 'yes');
        },
      );
    }
    const state = stateAfter(own, reply);
    if (state.kind === 'done') done(own, reply);
    return become(own, state);
  }

  function done({ message, order }: Sent, reply: Reply<Resource>): void {
    const isLast = order > lastDone;
    if (isLast) lastDone = order;
    parts.onDone?.(message, reply, isLast);
  }

  /** Takes in the state that a message reached. An open question stays open, and shows this state as the earlier message's. */
  function become(own: Sent, state: Reached): State {
    own.leftOpen = leftOpenBy(state, parts.mayBeFollowed);
    const shown = getState();
    setState(shown.kind === 'mayHaveArrived' ? { ...shown, earlier: state } : state);
    return state;
  }

  function fail(own: Sent, thrown: unknown, known: Delivery): State {
    const { message } = own;
    const delivery = known === 'no' && own.mayHaveArrived ? 'unknown' : known;
    own.mayHaveArrived = delivery !== 'no';
    const error = thrown instanceof Error ? thrown : new Error('What was thrown is no Error.', { cause: thrown });
    const isUnsound = isMessagingError(error) && error.code === 'message.invalid' && delivery === 'no';
    return become(own, isUnsound ? { kind: 'invalid', error, issues: error.issues } : { kind: 'failed', message, error, delivery });
  }

  function recall(message: AnyMessage): void {
    const name = nameOf(message);
    if (known.has(name) || (sent && !['same', 'new'].includes(sent.leftOpen))) return;
    sent = { message, kept: undefined, options: {}, order: known.size, leftOpen: 'unsure', mayHaveArrived: true };
    known.add(name);
    setState(stateUnknown(message));
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
        // A copy, so that what is sent is what was pressed for, whatever the owner changes meanwhile.
        const next: Content<TContent> = { given: isGraph(content) ? content : frozenCopy(content), options };
        if (sent === undefined) {
          return sendNew(next);
        }
        switch (stepFor(sent.leftOpen, says(sent, next))) {
          case 'nothing':
            return reach(getState());
          case 'send-same':
            sent.options = options;
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

/** A name that each copy of a message has. */
function nameOf(message: AnyMessage): unknown {
  return message.identity.message ?? message;
}

/** The options that change the message, or the way it is sent: all but ids, clock and listeners. */
function saidBy({ newId, now, onLeaving, onProgress, ...said }: SubmitOptions): object {
  return said;
}
