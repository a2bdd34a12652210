import type { EventName } from '../event/event-name.ts';
import type { MessageCategory, ResponseRequest } from '../fhir/codes.ts';
import type { Release } from '../fhir/release.ts';

/** What became of a message so far. */
export type OutboxState =
  /** It needs somebody to sign in, or the key that it was sealed with. */
  | 'waiting'
  /** It is sent when it is due. */
  | 'pending'
  /** It is being sent; where its sender died, it may have arrived. */
  | 'sending'
  /** The other side took it over. */
  | 'accepted'
  /** It was accepted, and its reply is past its deadline; it is never sent again by itself. */
  | 'overdue'
  /** It was processed. */
  | 'replied'
  /** It was refused, or answered with `fatal-error`. */
  | 'rejected'
  /** It may have arrived, and nobody can tell: it is never sent by itself. */
  | 'uncertain'
  /** The message that it follows did not get as far as it needs. */
  | 'blocked'
  /** It surely was not processed, and is not tried any more. */
  | 'dead';

/** How safe a message is once a store has it. */
export type OutboxDurability =
  /** It outlives the process, and a crash of the machine. */
  | 'durable'
  /** It outlives both, but is found again only from inside the same site's frame (an EHR's). */
  | 'partitioned'
  /** It ends with the process, or the window. */
  | 'ephemeral'
  /** Nothing can be stored. */
  | 'none';

/** What an outbox keeps of a message's contract, to send the message by. */
export interface OutboxContract {
  readonly category: MessageCategory;
  /** When a reply is wanted, unless the message itself says so. */
  readonly reply: ResponseRequest;
  /** The SMART scopes that sending it takes. @defaultValue none, for one that was stored by an earlier version */
  readonly scopes?: readonly string[] | undefined;
}

/** What an outbox knows of a message, as plain values that JSON can hold, none of them from the record; a store only keeps them. */
export interface OutboxFacts {
  readonly state: OutboxState;
  readonly event: EventName | undefined;
  /** What its contract says, for every process; `undefined` where the message came without one, or was stored by an earlier version. */
  readonly contract?: OutboxContract | undefined;
  readonly release: Release;
  /** The id of the entry that it follows. */
  readonly after: string | undefined;
  /** Whether its bytes are still to be fixed, once the ids that a server assigned to the message before it are known. */
  readonly isDraft: boolean;
  /** How many times it was given to the messenger, since somebody last asked for it. */
  readonly sends: number;
  /** How many of those sends got no answer, or only the demand for a session: they are no reason to give the message up. */
  readonly unheard?: number | undefined;
  /** The ids that it was sent under beside its own, where a resend is a message with an id of its own. */
  readonly sentAs?: readonly string[] | undefined;
  /** The id of the last reply to it; kept when somebody asks for it anew, so that this reply is known if it comes once more. */
  readonly repliedBy?: string | undefined;
  /** When the first send that may have arrived began, by the store's clock, in milliseconds since 1970; `undefined` while none may have. */
  readonly sentAtMs: number | undefined;
  /** Whether somebody decided to send it once more, though it may have arrived, and that send is still to come. */
  readonly mayBeRepeated: boolean;
  /** Whether its last send went to a peer that may have forgotten it, though an earlier one may have arrived: the answer says nothing of the earlier one. */
  readonly isRepeat?: boolean | undefined;
  /** Why it is in its state: an error's code, a rule, an HTTP status. */
  readonly reason: string | undefined;
}

/** Bytes that are kept as they are: the message, or its reply. They hold patient data, unless they are sealed. */
export interface OutboxContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names the key that they are sealed with; `undefined` where they are not. */
  readonly sealedWith: string | undefined;
}

/** A new entry. */
export interface NewOutboxEntry {
  /** Names the entry in the whole store: the id of its message. */
  readonly id: string;
  /** Its queue: entries of one key go first in, first out. */
  readonly key: string;
  /** The account that it belongs to. */
  readonly account: string;
  readonly facts: OutboxFacts;
  readonly content: OutboxContent;
  /** From when on it may be claimed, counted from now; `undefined` for never by itself. */
  readonly dueInMs: number | undefined;
}

/** The condition under which an entry may be changed. A store that finds the entry held otherwise changes nothing. */
export interface OutboxHold {
  readonly id: string;
  /** Tells entries of one id apart: one added after another was removed has the same first fence, and another place. Left out where it could not be read. */
  readonly sequence?: number | undefined;
  /** Fencing token: 0 at first, more with each claim, and each time an update leaves the entry without a lease. */
  readonly fence: number;
  /** Whether a lease ran on it when it was read. If none did and one runs by now, its sender came back: the entry is held otherwise. */
  readonly isLeased?: boolean | undefined;
}

/** An entry without its bytes. All times are by the store's clock, in milliseconds since 1970. */
export interface OutboxRecord extends OutboxHold {
  readonly key: string;
  /** Its place in the order of the store: higher than that of each entry of its key that was there when it was added, and never given again after removal. */
  readonly sequence: number;
  readonly account: string;
  readonly facts: OutboxFacts;
  /** Whether the next entry of its key may go. */
  readonly isFinished: boolean;
  /** Whether somebody's lease on it runs. */
  readonly isLeased: boolean;
  readonly dueAtMs: number | undefined;
  readonly addedAtMs: number;
  /** When it was last changed. */
  readonly changedAtMs: number;
  /** When this was read. */
  readonly readAtMs: number;
}

/** An entry with its bytes. */
export interface FullOutboxRecord extends OutboxRecord {
  readonly content: OutboxContent;
  /** The reply to the byte, or the OperationOutcome that it was refused with. */
  readonly reply: OutboxContent | undefined;
}

/** A change to an entry; bytes that are left out stay. */
export interface OutboxChange {
  readonly facts: OutboxFacts;
  /** Whether the next entry of its key may go. */
  readonly isFinished: boolean;
  /** From when on it may be claimed again, counted from now; `undefined` for never by itself. */
  readonly dueInMs: number | undefined;
  /** Lets the lease go on for so long from now; without it the lease ends. */
  readonly leaseMs?: number | undefined;
  readonly content?: OutboxContent | undefined;
  /** `null` removes the reply that was kept. */
  readonly reply?: OutboxContent | null | undefined;
}

/** The entries that a claim asks for. */
export interface OutboxClaiming {
  readonly account: string;
  /** How many at most. */
  readonly limit: number;
  readonly leaseMs: number;
}

/** The entries that a list is limited to; without a filter it has all. */
export interface OutboxFilter {
  readonly account?: string | undefined;
  readonly key?: string | undefined;
}

/** The entries of a store. */
export interface OutboxListing {
  /** In the order of their `sequence`. */
  readonly records: readonly OutboxRecord[];
  /** The ids of those that cannot be read, whoever's they are. */
  readonly unreadable: readonly string[];
}

/**
 * An outbox's memory of the messages that it has to send, which other processes share.
 *
 * The outbox decides what a state means; the store only remembers. Every method is atomic, against other processes of the same store; what
 * resolved is as safe as {@link OutboxStore.durability} says. All times are by the store's own clock: the database's, where there is one.
 *
 * A row that cannot be read is never claimed, holds back its key as far as that can be told, is listed in {@link OutboxListing.unreadable},
 * and hinders no other.
 *
 * Every method but `durability` rejects with `storage.unavailable` where the storage is not there, is full, or was written by a later version. Nothing was changed
 * then, except that a connection to a database may be lost before its answer: an `add` may then have been kept.
 *
 * @template TTransaction - what an application adds an entry through, together with its own changes; `never` where there is none.
 */
export interface OutboxStore<TTransaction = never> {
  /** Finds out, by writing something, how safe a message is here; never rejects. */
  durability(): Promise<OutboxDurability>;
  /** Keeps a new entry. @returns the entry; `undefined` where another one, whatever it is, has that id, and nothing was kept. */
  add(entry: NewOutboxEntry, transaction?: TTransaction): Promise<OutboxRecord | undefined>;
  /**
   * Takes the right to act on entries of this account, the lowest `sequence` first: those that are due, that nobody holds a lease on, and that no
   * entry of the same key and account with a lower sequence holds back. An unfinished entry holds back, whatever its state and lease; so at most
   * one unfinished entry of a key is claimed at a time, and keys do not wait for one another.
   */
  claim(claiming: OutboxClaiming): Promise<readonly FullOutboxRecord[]>;
  /** Changes an entry, leased or not. @throws {MessagingError} `lease.lost` when it is held otherwise than {@link OutboxHold} says, or gone. */
  update(hold: OutboxHold, change: OutboxChange): Promise<OutboxRecord>;
  /** Lets the lease go on for so long from now. @throws {MessagingError} `lease.lost` when it is held otherwise than {@link OutboxHold} says, or gone. */
  renew(hold: OutboxHold, leaseMs: number): Promise<void>;
  /**
   * Forgets an entry, leased or not; an entry that cannot be read, whatever the fence. An entry that is gone already is no error.
   *
   * @throws {MessagingError} `lease.lost` when it is held otherwise than {@link OutboxHold} says.
   */
  remove(hold: OutboxHold): Promise<void>;
  /** An entry with its bytes; `undefined` when there is none, or it cannot be read. @param transaction - is read in, where it has a connection of its own. */
  get(id: string, transaction?: TTransaction): Promise<FullOutboxRecord | undefined>;
  /** The entries without their bytes: all, or those of an account or a key. */
  list(filter?: OutboxFilter): Promise<OutboxListing>;
  /**
   * Calls a listener when something may have changed, by this handle or, as far as the store can tell, another. A hint only: it may come without
   * need, late, or never. @returns the function that ends this.
   */
  subscribe(listener: () => void): () => void;
}
