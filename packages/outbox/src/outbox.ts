import type {
  AcceptOptions,
  AcceptResult,
  AnyEvent,
  BundleGraph,
  EventName,
  IdentityStrategy,
  Issue,
  Message,
  MessageInput,
  Messenger,
  Observed,
  OutboxDurability,
  OutboxState,
  OutboxStore,
  Peer,
  Release,
  ReplyMessage,
  Resource,
  Seal,
} from '@fhir-messaging/core';
import type { Account } from './account.ts';
import type { OutboxReason } from './outbox-reason.ts';

/** The options of an outbox. */
export interface OutboxOptions<TTransaction = never> {
  readonly store: OutboxStore<TTransaction>;
  /** Sends with the session of the account; like the outbox, it is made anew when another account signs in. */
  readonly messenger: Messenger;
  readonly account: Account;
  /**
   * The account whose session the messenger sends with at the moment: asked before anything is taken in, before each attempt, once more when that has
   * its token and is about to leave, where the transport says so (`onLeaving`), and before and after `confirm`. While nobody is signed in (`undefined`),
   * what is taken in is `waiting`. Under another account, or where this throws, nothing is taken in. In neither case does anything go out: an entry that
   * is due is `waiting`. @defaultValue the account's, since the messenger is made anew when another one signs in
   */
  readonly signedIn?: (() => Account | undefined) | undefined;
  /**
   * The contracts that stored messages are read with, and follow-ups are written with. They count before those that messages come with, or were stored
   * with; but what was stored as a `consequence` stays one, and of a contract that a stored message does not keep only its being a `consequence`
   * counts. Needed where another process, or a later one, writes a follow-up that this one took in: it is `blocked` there (`event.unknown`), if it needs
   * the server's ids, until a process knows its contract. Others need none: each is stored with its contract's category, reply and scopes, and sent by
   * them. One that came without a contract counts as a `consequence` that wants a reply, unless it says otherwise.
   *
   * @defaultValue for follow-ups, those of the messages that this outbox takes in
   */
  readonly events?: readonly AnyEvent[] | undefined;
  /** As the messenger has it. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** As the messenger has it. */
  readonly peer?: Peer | undefined;
  /** Seals messages and replies before they are stored. @defaultValue they are stored as they are */
  readonly seal?: Seal | undefined;
  /** How safe a message has to be once `enqueue` resolves. @defaultValue 'partitioned', which 'durable' satisfies too */
  readonly atLeast?: 'durable' | 'partitioned' | 'ephemeral' | undefined;
  /** Asks for asynchronous exchanges, as `messenger.send` does. */
  readonly async?: boolean | undefined;
  /** Where the replies of asynchronous exchanges go; a TypeError beside `async: false`. */
  readonly responseUrl?: string | undefined;
  /** How long the reply to an accepted message may take before it is `overdue`, in milliseconds. @defaultValue 86_400_000, a day */
  readonly replyWithinMs?: number | undefined;
  /**
   * A status check: asks whether a message that may have arrived was processed, before its entry is `uncertain`. Only `not-processed` has it sent
   * again, unless it was refused or given up just then; `unknown` leaves it to a person. Where it rejects, or does not answer within a minute or under
   * this account, the entry is `uncertain` (or `waiting`, where somebody has to sign in), and a later run asks again: after a half of `maxDelayMs` to
   * all of it. Once questions waited in vain for a second in all, none is asked for four times as long, so that other messages are sent.
   * Give it to every outbox that sends for the account: one without it leaves to a person what it finds `uncertain`, and no other asks about that any more.
   *
   * @defaultValue a person decides
   */
  readonly confirm?: ((message: Message, entry: OutboxEntry) => Promise<'processed' | 'not-processed' | 'unknown'>) | undefined;
  /** How many messages, of different keys, are sent at once; at most a hundred are claimed at a time. At least 1. @defaultValue 4 */
  readonly concurrency?: number | undefined;
  /**
   * How many sends of a message may be answered, or end with no outcome stored, before it is `dead`, or `uncertain` where it may have arrived. Sends
   * that nobody answered (`transport.failed`, `transport.timeout`, the messenger's own `storage.unavailable`), or that need a sign-in, do not count: a message that may be
   * repeated, or surely did not arrive, goes on at the pace of the longest wait; a `consequence` that may have arrived goes on as long as the peer is
   * known to recognise it.
   *
   * @defaultValue 50
   */
  readonly maxSends?: number | undefined;
  /** The longest wait between two sends, in milliseconds: the bound begins at 5 seconds and doubles, and each wait is drawn below it. @defaultValue 300_000 */
  readonly maxDelayMs?: number | undefined;
  /** How soon another process takes over an entry that one left, in milliseconds; its lease is renewed three times in that time. @defaultValue 30_000 */
  readonly leaseMs?: number | undefined;
  /** Whether sending makes sense now. @defaultValue not where `navigator.onLine` is false */
  readonly isOnline?: (() => boolean) | undefined;
  /** Gives way to others between two messages. @defaultValue a turn of the event loop */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Calls a function later, and returns one that takes that back; for tests. */
  readonly startTimer?: ((delayMs: number, run: () => void) => () => void) | undefined;
  /** A number in [0, 1) that the wait is drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds, of which only differences count; for tests. Due times go by the store's clock. */
  readonly now?: (() => number) | undefined;
  /** Gives a fresh UUID; for tests. */
  readonly newId?: (() => string) | undefined;
}

/** The options of `enqueue`. */
export interface EnqueueOptions<TTransaction = never> {
  /**
   * The id of the entry that the message follows, such as the submit before this update: the message goes when that one's assigned ids are known, under
   * them. A message that shares entries with it is written anew: a decimal that was read may lose zeros at its end, or digits that a number cannot hold.
   */
  readonly after?: string | undefined;
  /**
   * Messages of one key go in order; one that is `rejected` holds back none. A message has the key of the entry that it follows: another one is
   * refused (TypeError).
   *
   * @defaultValue the key of the entry that it follows, else the `fullUrl` of its focus
   */
  readonly key?: string | undefined;
  /** The application's own transaction, where the store takes one. Its commit enqueues the message, which until then only calls in it can follow or repeat (PostgreSQL). */
  readonly transaction?: TTransaction | undefined;
}

/** An update made before the server's ids are known: its graph has the ids of the message that it follows, and the outbox puts the server's in their place. */
export interface FollowUp {
  readonly event: AnyEvent;
  readonly graph: BundleGraph<Resource>;
  /** @defaultValue that of the message that it follows */
  readonly release?: Release | undefined;
}

/** A message in an outbox, without what it says. */
export interface OutboxEntry {
  /** Core's `plainId` of its message's id, which in R5 begins with `urn:uuid:`; where the message has none, the SHA-256 of its bytes. */
  readonly id: string;
  /** Messages of one key go in order. */
  readonly key: string;
  readonly state: OutboxState;
  /** Why; `undefined` where the state says it all. */
  readonly reason: OutboxReason | undefined;
  readonly event: EventName | undefined;
  /** The id of the entry that it follows. */
  readonly after: string | undefined;
  /** How often the messenger was given the message, since the last `retry` or `decide`; also for sends that `maxSends` does not count. */
  readonly sends: number;
  /** Whether it may have arrived, and nothing has said since what became of it: no answer, no `confirm`, no person. */
  readonly mayHaveArrived: boolean;
  /** Whether somebody works on it at the moment. */
  readonly isLeased: boolean;
  /** When it is tried again, or `confirm` asked again, if by itself, in milliseconds since 1970, like the times below. */
  readonly dueAtMs: number | undefined;
  readonly addedAtMs: number;
  readonly changedAtMs: number;
}

/** The content of an outbox. */
export interface OutboxView {
  /** The account's entries, in the order in which they were added. */
  readonly entries: readonly OutboxEntry[];
  /** How many entries of other accounts wait in the same store. */
  readonly ofOthers: number;
  /** The ids of rows that cannot be read. */
  readonly unreadable: readonly string[];
}

/** An entry's message, and its answer. */
export interface OutboxMessages {
  /** The message as it was stored, in the types of a reply: nobody checked it again. */
  readonly graph: ReplyMessage['graph'];
  /** `undefined` while the message waits for the ids of its predecessor: its bytes are not fixed yet. */
  readonly message: ReplyMessage | undefined;
  /** The reply message, where one came. */
  readonly reply: ReplyMessage | undefined;
  /** The other side's issues. */
  readonly issues: readonly Issue[];
}

/**
 * Sends messages durably, in order, and never twice without anyone knowing. Watch it like any observer; its state is what `list` gave last. Methods
 * that need the storage reject with `storage.unavailable` where it fails.
 */
export interface Outbox<TTransaction = never> extends Observed<OutboxView> {
  /** Whose messages it sends. */
  readonly account: Account;
  /** Whether it asks for asynchronous exchanges, by `async` or a `responseUrl`. */
  readonly async: boolean;
  /** How safe a message is here, probed at the start; `enqueue` probes again where that was not enough. */
  readonly durability: Promise<OutboxDurability>;
  /**
   * Resolves once the message is stored; messages are in the order of the calls. The same message, enqueued again, is one entry.
   *
   * @throws {MessagingError} `storage.unavailable` when the message cannot be kept as safely as `atLeast` says (`cause` says why, where it cannot be read either), or the storage failed.
   * Nothing was promised then, but the message may be stored, where the connection was lost after the commit: enqueue it again. The same message, or
   * the same graph of the same event after the same entry, is still one entry;
   * `entry.unknown` when the entry to follow does not exist; `entry.duplicate` when another message has the id; `session.expired` when another account
   * is signed in, or `signedIn` throws; `closed` after `close`; what `seal` throws stays as it is.
   * @throws {TypeError} when
   * - a graph follows nothing (`after`);
   * - `key` is another than that of the entry to follow;
   * - a message that has no contract follows one, and is of an event that the outbox does not know;
   * - messages came with another contract of the event, and `events` has none.
   */
  enqueue(content: Message | FollowUp, options?: EnqueueOptions<TTransaction>): Promise<OutboxEntry>;
  /**
   * Sends what is due, until nothing is; while it runs, another call has it look once more. `keepSending` calls it when it is worth a try.
   *
   * @throws {MessagingError} `storage.unavailable`. A reply that could not be stored then is kept in memory until a later run can store it.
   */
  run(): Promise<void>;
  /** Calls a listener when an entry may have become due. @returns a function that takes the listener out. */
  onDue(listener: () => void): () => void;
  /** What the store has now. */
  list(): Promise<OutboxView>;
  /**
   * Reads an entry of this account, and its answer; `undefined` when there is none, or its key is not here.
   *
   * @throws {MessagingError} `json.invalid`, `message.invalid` or `reply.invalid` where what is stored cannot be read.
   */
  read(id: string): Promise<OutboxMessages | undefined>;
  /** Has an entry tried again, as soon as no other of its key is being sent, even if it may have arrived: the caller knows. @returns whether it is. */
  retry(id: string): Promise<boolean>;
  /**
   * Says what became of an entry that is `uncertain` or `overdue`: one that was `not-processed` is sent again by itself. A reply that comes later
   * overrides it.
   *
   * @returns whether it was such an entry; not while `confirm` is asked about it.
   */
  decide(id: string, outcome: 'processed' | 'not-processed'): Promise<boolean>;
  /** Takes back an entry that cannot have arrived; with `seen`, only one that nobody has changed since. @returns whether it was taken back. */
  cancel(id: string, seen?: { readonly changedAtMs: number }): Promise<boolean>;
  /** Whether an entry was taken out here that surely was not processed: by `cancel`, or by `remove` after a refusal or a `fatal-error`. */
  wasCancelled(id: string): boolean;
  /** Forgets an entry that is neither unsent nor being sent; or a row that cannot be read. @returns whether it did. */
  remove(id: string): Promise<boolean>;
  /**
   * Forgets all entries of the account, unless some were not surely sent: then it forgets none, and returns those. A row that cannot be read is
   * nobody's: it stays until `remove`.
   *
   * @param options - `discardUnsent` forgets those too; an entry that is being sent at the moment stays in any case.
   */
  clear(options?: { readonly discardUnsent?: boolean | undefined }): Promise<readonly OutboxEntry[]>;
  /**
   * `messenger.accept`, for replies that come later: the entry becomes `replied` or `rejected`. In a new process the messenger's `pending` store finds the request.
   *
   * The result is about the request, of whichever account; the outbox stores replies to entries of its own account alone. Where accounts share a
   * `pending` store, each account's outbox has to be given the reply: it is stored even where the result says `repeated`.
   * In R5 each send of a `currency` or `notification` is a request of its own, and the reply to each is `settled`.
   */
  accept(bundle: MessageInput | Message, options?: AcceptOptions): Promise<AcceptResult>;
  /**
   * Ends the run, and takes no message in any more; an entry that is being sent is given up, and the next outbox finds it again. To stop a worker,
   * close the messenger first, which lets running sends end: `stop(); await messenger.close(); await outbox.close();`
   */
  close(): Promise<void>;
}
