import { isMessagingError, toIssues } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { tell } from '../exchange/progress.ts';
import type { Accepted, Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph } from '../graph/graph-value.ts';
import { safeReadMessage } from '../message/read-message.ts';
import { withResponseRequest } from '../message/with-response-request.ts';
import { holderOf } from './observed.ts';
import { isSameContent, isSameMessage, keepContent, nameOf } from './same-content.ts';
import { stateAfter, stateAsked, stateFailed, stateUnknown } from './state-after.ts';
import { leftOpenBy, stepFor } from './submission-step.ts';
import type { LeftOpen } from './submission-step.ts';
import type { AnyMessage, Content, Reached, Sent, State, SubmissionParts } from './submission-parts.ts';
import type { Submission } from './submission.ts';
import { decisive, readOptions } from './submit-options.ts';

const idle: Reached = /* @__PURE__ */ Object.freeze({ kind: 'idle' });

/** The state machine behind a submission, whatever its messages are made of. */
export function runSubmission<TContent extends object>(parts: SubmissionParts<TContent>): Submission<TContent, AnyEvent | undefined, Resource> {
  const { messenger, event, unsettled, prepare, create } = parts;
  /** The names of the messages that were sent or recalled: none of them is recalled again. */
  const names = new Set<unknown>();
  /** The message that was made or recalled last: there a press begins to look. */
  let last: Sent | undefined;
  /** The message that is shown: that one, or an earlier one that a press went back to. */
  let shown: Sent | undefined;
  /** The highest `order` of a message that was processed. */
  let lastDone = -1;
  /** The other content of the question that is open: `mayHaveArrived`. */
  let inQuestion: Content<TContent> | undefined;
  /** Ends the send that is under way; there from before its first state is told. */
  let stop: AbortController | undefined;
  /** The state that the send under way comes to. */
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
      inQuestion = undefined;
      return reach({ kind: 'invalid', error, issues: toIssues(error) });
    }
  }

  /** A copy to recognise content by, under the ids that are known now. */
  const copyOf = ({ given, options }: Content<TContent>): object => ({ content: keepContent(prepare(given)), options: keepContent(decisive(options)) });

  function sendNew(content: Content<TContent>): Promise<State> {
    const { options } = content;
    inQuestion = undefined;
    return orInvalid(() => send((last = { message: made(content), kept: () => copyOf(content), options, order: names.size, before: last, state: idle, mayHaveArrived: false })));
  }

  function made({ given, options }: Content<TContent>): AnyMessage {
    const message = create(prepare(given), options);
    // Written here, not by `messenger.send`, so that a page which keeps the message keeps the one that travels.
    return options.responseRequest ? withResponseRequest(message, options.responseRequest) : message;
  }

  /** Whether a message says what a press is for. Of a recalled one nobody knows what it was made of: it is held against the message to be. */
  function says({ message, kept }: Sent, next: Content<TContent>): boolean {
    // Content that cannot be prepared is `invalid`, also beside a recalled message.
    const copy = copyOf(next);
    if (kept) return isSameContent(kept(), copy);
    try {
      return isSameMessage(message, made(next));
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      return false;
    }
  }

  function send(sent: Sent): Promise<State> {
    shown = sent;
    names.add(nameOf(sent.message));
    inQuestion = undefined;
    stop = new AbortController();
    running = attempt(sent, stop.signal);
    return running;
  }

  async function attempt(sent: Sent, signal: AbortSignal): Promise<State> {
    const { message } = sent;
    const { onProgress } = sent.options;
    let delivery: Delivery | undefined;
    become(sent, { kind: 'checking', message });
    try {
      const reply = await messenger.send(message, {
        ...sent.options,
        signal,
        onProgress(event, about) {
          if (event.kind === 'attempt') become(sent, { kind: 'sending', message, attempt: event.attempt, waitingUntilMs: undefined, needsSignIn: false });
          if (event.kind === 'waiting') become(sent, { kind: 'sending', message, attempt: event.attempt, waitingUntilMs: event.untilMs, needsSignIn: event.needsSignIn === true });
          if (event.kind === 'delivery') delivery = event.delivery;
          tell([onProgress], event, about);
        },
      });
      end();
      return settle(sent, reply);
    } catch (error) {
      end();
      return fail(sent, error, delivery ?? (isMessagingError(error) ? error.delivery : undefined) ?? 'unknown');
    }
  }

  /** Called before the last state is told, so that a listener may press again or reset at once. */
  function end(): void {
    stop = undefined;
    running = undefined;
  }

  /** Takes in a reply. */
  function settle(sent: Sent, reply: Reply<Resource>): State {
    sent.mayHaveArrived ||= reply.kind === 'refused' ? reply.mayHaveArrived : reply.kind === 'transient-error';
    if (reply.kind === 'accepted') awaitLater(sent, reply);
    const state = stateAfter(sent, reply);
    if (state.kind === 'done') tellDone(sent, reply);
    return become(sent, state);
  }

  /** Takes in the reply that comes later, or that it does not come. */
  function awaitLater(sent: Sent, { later, owesReply }: Accepted<Resource>): void {
    later?.then(
      (reply) => settle(sent, reply),
      (error: unknown) => {
        // A messenger that is closed says nothing of the reply.
        const isClosed = isMessagingError(error) && error.code === 'closed';
        if (owesReply && !isClosed) fail(sent, error, 'yes');
      },
    );
  }

  function tellDone({ message, order }: Sent, reply: Reply<Resource>): void {
    const isLast = order > lastDone;
    if (isLast) lastDone = order;
    parts.onDone?.(message, reply, isLast);
  }

  /** Takes in an error, with what is known of the delivery that it ended. */
  function fail(sent: Sent, thrown: unknown, known: Delivery): State {
    const delivery = known === 'no' && sent.mayHaveArrived ? 'unknown' : known;
    sent.mayHaveArrived = delivery !== 'no';
    return become(sent, stateFailed(sent, thrown, delivery));
  }

  /** Takes in the state that a message reached. An open question stays open, and shows this state as the earlier message's. */
  function become(sent: Sent, state: Reached): State {
    sent.state = state;
    // What was processed is what counts now, whatever became of the messages before it.
    if (state.kind === 'done') sent.before = undefined;
    if (sent === shown) setState(inQuestion ? stateAsked(sent) : state);
    // An earlier message is not shown, but its success may have changed ids.
    else if (state.kind === 'done') setState({ ...getState() });
    return state;
  }

  const leftOpen = ({ state }: Sent): LeftOpen => leftOpenBy(state, parts.mayBeFollowed);

  function recall(given: AnyMessage): void {
    const name = nameOf(given);
    if (names.has(name) || (shown && !['same', 'new'].includes(leftOpen(shown)))) return;
    // The contract says which answers count, as where no reply is wanted.
    const message = given.event ? given : (safeReadMessage(given, { events: [event], release: given.release }).message ?? given);
    const order = names.size;
    names.add(name);
    void show((last = { message, kept: undefined, options: {}, order, before: last, state: stateUnknown(message), mayHaveArrived: true }));
  }

  /** Shows what is known of a message, without a question. */
  function show(sent: Sent): Promise<State> {
    shown = sent;
    inQuestion = undefined;
    return reach(sent.state);
  }

  /** Goes back from an open question to what is known of the earlier message. */
  const goBack = (): Promise<State> => (inQuestion && shown ? show(shown) : reach(getState()));

  function ask(sent: Sent, content: Content<TContent>): Promise<State> {
    shown = sent;
    inQuestion = content;
    return reach(stateAsked(sent));
  }

  /** Holds a press against the message before one that came to nothing; against that one, where it went on since its send; or against one recalled meanwhile. */
  function pressBefore(content: Content<TContent>, sent: Sent): Promise<State> {
    if (leftOpen(sent) === 'changes' || !messenger.wentOn) return press(content, sent.before);
    const top = last;
    const { signal } = (stop = new AbortController());
    running = messenger.wentOn(sent.message).then((wentOn) => {
      end();
      if (signal.aborted) return getState();
      if (wentOn) become(sent, stateUnknown(sent.message));
      return orInvalid(() => press(content, last !== top ? last : wentOn ? sent : sent.before));
    });
    return running;
  }

  /** Holds a press against the last message, and where that came to nothing, against the one before it: that one may have arrived still. */
  function press(content: Content<TContent>, sent: Sent | undefined): Promise<State> {
    if (sent === undefined) return sendNew(content);
    const left = leftOpen(sent);
    // What did not arrive is not sent again once an earlier message is shown: that one counts.
    const isPassed = left === 'same' && shown !== undefined && sent.order > shown.order;
    switch (stepFor(left, left !== 'nothing' && !isPassed && says(sent, content))) {
      case 'nothing':
        return show(sent);
      case 'send-same':
        sent.options = content.options;
        return send(sent);
      case 'send-new':
        return pressBefore(content, sent);
      case 'ask':
        return ask(sent, content);
    }
  }

  if (unsettled) recall(unsettled);
  return {
    getState,
    subscribe,
    recall,
    // A copy, so that what is sent is what was pressed for, whatever the owner changes meanwhile.
    submit: (content, options = {}) => running ?? orInvalid(() => press({ given: isGraph(content) ? content : frozenCopy(content), options: readOptions(options) }, shown && leftOpen(shown) === 'nothing' ? shown : last)),
    resend: () => running ?? (shown && ['same', 'unsure', 'pinned'].includes(leftOpen(shown)) ? send(shown) : goBack()),
    submitAnyway: () => running ?? (inQuestion ? sendNew(inQuestion) : reach(getState())),
    dismiss: () => void goBack(),
    abort() {
      stop?.abort();
    },
    reset() {
      if (stop) return;
      last = shown = undefined;
      inQuestion = undefined;
      setState(idle);
    },
  };
}
