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

/** Whose messages an outbox sends: with the session of this account, and no other. */
export interface Account {
  /** Who signed the user in: the `iss` of the ID token. */
  readonly issuer: string;
  /** Where messages go; a slash at its end makes no other account. */
  readonly baseUrl: string;
  /** The app, as it is registered there. */
  readonly clientId: string;
  /** Who is signed in, as the issuer says: the `sub` of the ID token. */
  readonly user: string;
}

/** What an outbox is made of. */
export interface OutboxOptions<TTransaction = never> {
  readonly store: OutboxStore<TTransaction>;
  /** Sends with the session of the account: made anew, like the outbox, when another one signs in. */
  readonly messenger: Messenger;
  readonly account: Account;
  /**
   * Whose session the messenger sends with at the moment; asked before anything is taken in, before each attempt, and once more when that has its
   * token and is about to leave, where the transport says so (`onLeaving`); also before and after `confirm`. Under another one nothing goes out: it is `waiting`; so it is where this throws. @defaultValue the account's, since the messenger is made anew when another one signs in
   */
  readonly signedIn?: (() => Account | undefined) | undefined;
  /**
   * The contracts of the messages that it sends: what is stored is read with them again, so a message of another one is refused (TypeError). One
   * that has none, such as one that was read without, is taken for a `consequence`.
   */
  readonly events?: readonly AnyEvent[] | undefined;
  /** As the messenger has it. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** As the messenger has it. */
  readonly peer?: Peer | undefined;
  /** Seals messages and replies before they are stored. @defaultValue they are stored as they are */
  readonly seal?: Seal | undefined;
  /** How safe a message has to be once `enqueue` resolves. @defaultValue 'partitioned', which 'durable' is too */
  readonly atLeast?: 'durable' | 'partitioned' | 'ephemeral' | undefined;
  /** Asks for asynchronous exchanges, as `messenger.send` does. */
  readonly async?: boolean | undefined;
  /** Where the replies of asynchronous exchanges go. */
  readonly responseUrl?: string | undefined;
  /** How long the reply to an accepted message may take before it is `overdue`, in milliseconds. @defaultValue 86_400_000, a day */
  readonly replyWithinMs?: number | undefined;
  /**
   * Asks whether a message that may have arrived was processed, before it is `uncertain`: a status check. Only `not-processed` has it sent again,
   * where it is not refused or given up. What it rejects with counts as `unknown`, and so does no answer within a minute; what it says
   * while another account is signed in counts for nothing, and it is asked again when this one is back; or a person is, where the message could be sent again by then.
   *
   * @defaultValue a person decides
   */
  readonly confirm?: ((message: Message, entry: OutboxEntry) => Promise<'processed' | 'not-processed' | 'unknown'>) | undefined;
  /** How many messages are sent at once, of different keys, a hundred of which are claimed at a time. @defaultValue 4 */
  readonly concurrency?: number | undefined;
  /**
   * How many sends of a message are answered, or end without anything stored of them, before it is `dead`, or `uncertain` where it may have arrived.
   * Those that nobody answered (`transport.failed`, `transport.timeout`, and `storage.unavailable` of the messenger's own) do not count: what may be repeated, or surely did
   * not arrive, goes on at the pace of the longest wait, a `consequence` that may have arrived for as long as the peer is known to recognise it.
   *
   * @defaultValue 50
   */
  readonly maxSends?: number | undefined;
  /** The longest wait between two of these, in milliseconds; it begins at 5 seconds and doubles, and the wait is drawn below it. @defaultValue 300_000 */
  readonly maxDelayMs?: number | undefined;
  /** How soon another process takes over what one left, in milliseconds; renewed three times in that time. @defaultValue 30_000 */
  readonly leaseMs?: number | undefined;
  /** Whether sending makes sense now. @defaultValue not where `navigator.onLine` is false */
  readonly isOnline?: (() => boolean) | undefined;
  /** Gives way to others between two messages. @defaultValue a turn of the event loop */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Calls something later, and gives what takes that back; for tests. */
  readonly startTimer?: ((delayMs: number, run: () => void) => () => void) | undefined;
  /** A number in [0, 1) that the wait is drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds, of which only differences count; for tests. */
  readonly now?: (() => number) | undefined;
  /** Gives a fresh UUID; for tests. */
  readonly newId?: (() => string) | undefined;
}

/** What one message is enqueued with. */
export interface EnqueueOptions<TTransaction = never> {
  /**
   * The id of the entry that it follows, such as the submit of this update: it goes when that one's ids are known, under them. A message that shares
   * entries with that is written anew: a decimal of one that was read may lose zeros at its end, or digits that a number cannot hold.
   */
  readonly after?: string | undefined;
  /**
   * What it is in order with; where that is another one than that of the entry which it follows, it is looked at once a minute.
   *
   * @defaultValue the key of the entry that it follows, else the `fullUrl` of its focus
   */
  readonly key?: string | undefined;
  /** A transaction of the application's own, where the store takes one: the message is enqueued when that commits, and nothing in it can follow or repeat the message. */
  readonly transaction?: TTransaction | undefined;
}

/** An update whose event asks for ids of the server's that nobody knows yet: its graph, under those of the message that it follows. */
export interface FollowUp {
  readonly event: AnyEvent;
  readonly graph: BundleGraph<Resource>;
  /** @defaultValue that of the message that it follows */
  readonly release?: Release | undefined;
}

/** A message in an outbox, without what it says. */
export interface OutboxEntry {
  /** Its message's id, where it has one; else the SHA-256 of its bytes. */
  readonly id: string;
  readonly key: string;
  readonly state: OutboxState;
  /** Why: an error's code, a rule, an HTTP status, `locked`. */
  readonly reason: string | undefined;
  readonly event: EventName | undefined;
  readonly after: string | undefined;
  /** How many times it was given to the messenger, since somebody last asked for it. */
  readonly sends: number;
  /** Whether it may have arrived, and nobody said so. */
  readonly mayHaveArrived: boolean;
  /** Whether somebody works on it at the moment. */
  readonly isLeased: boolean;
  /** When it is tried again, if by itself, in milliseconds since 1970, like the times below. */
  readonly dueAtMs: number | undefined;
  readonly addedAtMs: number;
  readonly changedAtMs: number;
}

/** What is in an outbox. */
export interface OutboxView {
  /** The account's, in the order in which they came. */
  readonly entries: readonly OutboxEntry[];
  /** How many entries of other accounts wait in the same store. */
  readonly ofOthers: number;
  /** The ids of rows that cannot be read. */
  readonly unreadable: readonly string[];
}

/** What an entry says, and was answered. */
export interface OutboxMessages {
  /** As it was stored, in the types that a reply has: nobody checked them again. */
  readonly graph: ReplyMessage['graph'];
  /** `undefined` as long as it waits for the ids of what it follows: its bytes are not fixed yet. */
  readonly message: ReplyMessage | undefined;
  readonly reply: ReplyMessage | undefined;
  /** What the other side said of it. */
  readonly issues: readonly Issue[];
}

/** Sends messages durably, in order, and never twice without anyone knowing. Watch it like any observer; its state is what `list` gave last. */
export interface Outbox<TTransaction = never> extends Observed<OutboxView> {
  /** Whose messages it sends. */
  readonly account: Account;
  /** How safe a message is here, probed at the start; `enqueue` probes again where that was not enough. */
  readonly durability: Promise<OutboxDurability>;
  /**
   * Resolves once the message is stored; messages are in order as they were given to it. The same message, enqueued again, is one entry.
   *
   * @throws {MessagingError} `storage.unavailable` when it cannot be kept as safely as `atLeast` says (its `cause` says why), or the storage failed.
   * Nothing was promised then; it may be stored all the same, where the connection was lost after the commit, so enqueue it again: the same message,
   * or the same graph of the same event after the same entry, is still one;
   * `entry.unknown` when there is no entry that it could follow; `entry.duplicate` when another message has its id; `session.expired` when
   * the account is not the one that is signed in; `closed` after `close`.
   * @throws {TypeError} when a graph follows nothing (`after`), or it is of an event that the outbox was not given.
   */
  enqueue(content: Message | FollowUp, options?: EnqueueOptions<TTransaction>): Promise<OutboxEntry>;
  /**
   * Sends what is due, until nothing is; while it runs, another call has it look once more. `keepSending` calls it when it is worth a try.
   *
   * @throws {MessagingError} `storage.unavailable`. A reply that could not be stored then is kept in memory until a later run can store it.
   */
  run(): Promise<void>;
  /** Calls a listener when something here may have become due. @returns what ends that. */
  onDue(listener: () => void): () => void;
  list(): Promise<OutboxView>;
  /** What an entry of this account says, and was answered; `undefined` when there is none, or its key is not here. */
  read(id: string): Promise<OutboxMessages | undefined>;
  /** Has an entry tried again now, or when the next of its key is not being sent; one that may have arrived too: whoever asks for that knows. @returns whether it is. */
  retry(id: string): Promise<boolean>;
  /** Says what became of an entry that is `uncertain` or `overdue`; a reply that comes later counts more. @returns whether it was. */
  decide(id: string, outcome: 'processed' | 'not-processed'): Promise<boolean>;
  /** Takes an entry back that cannot have arrived; of one that was `seen`, only what nobody changed since. @returns whether it could. */
  cancel(id: string, seen?: { readonly changedAtMs: number }): Promise<boolean>;
  /** Whether an entry was taken back here: of one that is gone, that it surely did not arrive. */
  wasCancelled(id: string): boolean;
  /** Forgets an entry that is neither unsent nor being sent; or a row that cannot be read. @returns whether it did. */
  remove(id: string): Promise<boolean>;
  /**
   * Forgets everything of the account, unless something in it was not sent for certain: then it forgets nothing, and gives that. A row that
   * cannot be read is nobody's: it stays, until somebody says `remove`.
   *
   * @param options - `discardUnsent` forgets that too; what is being sent at the moment stays in any case.
   */
  clear(options?: { readonly discardUnsent?: boolean | undefined }): Promise<readonly OutboxEntry[]>;
  /**
   * `messenger.accept`, for replies that come later: the entry becomes `replied` or `rejected`. In a new process the messenger's `pending` store finds the request.
   *
   * What it says is of the request, whoever's that is; stored is the reply to an entry of this account alone. Where accounts share a `pending` store,
   * each account's outbox has to be given the reply: told as `repeated`, it is stored all the same.
   */
  accept(bundle: MessageInput | Message, options?: AcceptOptions): Promise<AcceptResult>;
  /** Ends the run, and takes nothing in any more; what is being sent is given up, and found again by the next outbox. */
  close(): Promise<void>;
}
