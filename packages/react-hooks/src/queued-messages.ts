import { holderOf, isSameEvent, MessagingError } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, Messenger, Observed, Resource } from '@fhir-messaging/core';
import { aloneAmongTabs } from './alone-among-tabs.ts';
import type { ShownContent, ShownEntry, ShownOutbox } from './shown-outbox.ts';

/** A message in an outbox, with its content. */
export interface QueuedMessage extends ShownEntry {
  /** `undefined` where the content cannot be read, as without the key that sealed it. */
  readonly content: ShownContent | undefined;
  /** Whether the message was turned down or given up, or follows one that was: the next message takes its place. */
  readonly isOver: boolean;
}

/** An entry of an outbox whose content was not read yet. */
type Judged = Omit<QueuedMessage, 'content'>;

/** The messages of one key, as they stand. */
export interface QueuedState {
  /** In their order; `undefined` until they were read. */
  readonly messages: readonly QueuedMessage[] | undefined;
  /** Why the last message was not queued, of which nothing was promised then, or the messages could not be read. */
  readonly error: Error | undefined;
}

/** The event of a message to queue; or that of the first message, and that of each `next` one: which of them it is, is found when it is queued. */
export type EventInTurn = AnyEvent | { readonly first: AnyEvent; readonly next: AnyEvent };

/** The messages about one thing, and the way to queue the next. Its actions need no `this`, and none of their promises rejects. */
export interface QueuedMessages extends Observed<QueuedState> {
  /**
   * Queues a message of a graph: after the last one that stands, under the ids that the server assigns to that; else as the first.
   *
   * The graph that was queued last, for one of the given events, is that message, not an update of it: a double click sends nothing more. Nothing is
   * queued (`entry.duplicate`) while another message is being stored, or where the outbox has more by now than the state shows. Messages that are
   * over are taken out of the outbox, unless they were rejected: until then they hold the new one back; where the page closes in that moment, the
   * next `enqueue` or `cancel` does it. Tabs that call at once take turns, where the platform has Web Locks.
   *
   * @returns the entry's id; `undefined` where it was not queued, and the state has the `error`.
   */
  readonly enqueue: (event: EventInTurn, graph: BundleGraph<Resource>) => Promise<string | undefined>;
}

/** What is to be queued: a graph, by one event as the first message, by the other as a further one. */
type ToQueue = readonly [graph: BundleGraph<Resource>, first: AnyEvent, next: AnyEvent];

/** A message that was queued here, or is being queued. */
interface Queued<TId> {
  /** Its graph and its event; both events until it is known which of them it is. */
  readonly parts: readonly [graph: BundleGraph<Resource>, ...events: AnyEvent[]];
  readonly id: TId;
}

/** How long after a reading that failed it is tried again. */
const readAgainAfterMs = 5_000;

/** Watches the messages of one key in an outbox, as long as it is watched itself. */
export function queuedMessages(outbox: ShownOutbox, messenger: Messenger, key: string): QueuedMessages {
  let isWatched = false;
  const { getState, setState, subscribe } = holderOf<QueuedState>({ messages: undefined, error: undefined }, () => {
    isWatched = true;
    const leave = outbox.subscribe(look);
    return () => {
      isWatched = false;
      clearTimeout(again);
      leave();
    };
  });
  /** The ids of given-up messages whose place was taken here: each holds its successor back until it is gone. */
  const replaced = new Set<string>();
  let last: Queued<string> | undefined;
  let storing: Queued<Promise<string | undefined>> | undefined;
  let reading: Promise<void> | undefined;
  /** Whether something may have changed since the reading that runs began. */
  let isStale = false;
  /** The error of the last reading that failed. */
  let unread: Error | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  const become = (change: Partial<QueuedState>): void => setState({ ...getState(), ...change });
  const failed = (error: unknown): void => become({ error: error instanceof Error ? error : new Error('No Error was thrown.', { cause: error }) });
  const list = async (): Promise<readonly Judged[]> => judged((await outbox.list()).entries.filter((entry) => entry.key === key));

  /** Reads the messages, until nothing has changed meanwhile. */
  async function read(): Promise<void> {
    while (isStale) {
      isStale = false;
      const before = getState().messages;
      const entries = await list();
      for (const entry of entries) {
        // The outbox tells when the entry is gone, or was changed.
        if (entry.isOver && replaced.has(entry.id)) await outbox.cancel(entry.id, entry);
      }
      const messages = await Promise.all(entries.map((entry) => withContent(entry, before)));
      const isSame = messages.length === before?.length && messages.every((message, place) => message === before[place]);
      if (!isSame) become({ messages });
    }
    if (unread && getState().error === unread) become({ error: undefined });
  }

  /** An entry with its content: the message that was shown before, where nothing is new. */
  async function withContent(entry: Judged, before: QueuedState['messages']): Promise<QueuedMessage> {
    const known = before?.find((shown) => shown.id === entry.id && JSON.stringify({ ...shown, content: undefined }) === JSON.stringify(entry));
    if (known?.content) return known;
    // Content that could not be read before may be readable by now.
    const content = await outbox.read(entry.id).catch(() => undefined);
    return known && !content ? known : { ...entry, content };
  }

  function refresh(): Promise<void> {
    isStale = true;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  /** Reads anew; where that fails, it is tried again as long as somebody watches. */
  function look(): void {
    clearTimeout(again);
    refresh().catch((error: unknown) => {
      failed(error);
      unread = getState().error;
      // Two looks may have waited for one reading.
      clearTimeout(again);
      if (isWatched) again = setTimeout(look, readAgainAfterMs);
    });
  }

  /** Queues a message after the one that was shown as the last when `enqueue` was called; nothing where another one is the last by now. */
  async function store(toQueue: ToQueue, shown: string | undefined): Promise<string | undefined> {
    try {
      const entries = await list();
      const before = entries.findLast(({ isOver }) => !isOver);
      if (before && before.id === last?.id && isOf(last, toQueue)) return before.id;
      // Another tab was faster, and the person here did not see it: a message meant as the first would be the second.
      if (before?.id !== shown) {
        look();
        throw notAlone();
      }
      const [graph, first, next] = toQueue;
      const event = before ? next : first;
      const { id } = before ? await outbox.enqueue({ event, graph }, { after: before.id }) : await outbox.enqueue(messenger.create(event, graph), { key });
      last = { parts: [graph, event], id };
      for (const earlier of entries) if (earlier.isOver && earlier.state !== 'rejected') replaced.add(earlier.id);
      // The message is queued, even if the view of it fails.
      await refresh().catch(failed);
      return id;
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  return {
    getState,
    subscribe(tell) {
      const end = subscribe(tell);
      look();
      return end;
    },
    async enqueue(event, graph) {
      const toQueue: ToQueue = 'first' in event ? [graph, event.first, event.next] : [graph, event, event];
      if (storing) {
        if (isOf(storing, toQueue)) return storing.id;
        failed(notAlone());
        return undefined;
      }
      if (getState().error) become({ error: undefined });
      const shown = getState().messages?.findLast(({ isOver }) => !isOver)?.id;
      // No other tab queues anything between the look and the enqueueing.
      const id = aloneAmongTabs(`fhir-messaging ${key}`, () => store(toQueue, shown)).finally(() => {
        storing = undefined;
      });
      storing = { parts: toQueue, id };
      return id;
    },
  };
}

/** Whether a message to queue is one that was queued before: a graph that was not edited since is no update of itself. */
function isOf({ parts: [graph, ...events] }: Queued<unknown>, [other, ...others]: ToQueue): boolean {
  return graph === other && events.every((event) => others.some((name) => isSameEvent(event, name)));
}

/** Entries, with whether each was turned down or given up, or follows one that was. */
function judged(entries: readonly ShownEntry[]): readonly Judged[] {
  const standing = new Set<string | undefined>();
  return entries.map((entry) => {
    const { id, state, after } = entry;
    const isOver = state === 'rejected' || state === 'dead' || (state === 'blocked' && !standing.has(after));
    if (!isOver) standing.add(id);
    return { ...entry, isOver };
  });
}

function notAlone(): MessagingError {
  return new MessagingError('entry.duplicate', 'Something was queued or turned down meanwhile: look first.');
}
