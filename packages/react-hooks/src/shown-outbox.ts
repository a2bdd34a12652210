import type { AnyEvent, BundleGraph, EventName, Issue, Message, Observed, OutboxState, ReplyMessage, Resource } from '@fhir-messaging/core';

/** One message in an outbox, as far as a screen needs it. */
export interface ShownEntry {
  readonly id: string;
  /** Entries of one key go in order. */
  readonly key: string;
  readonly state: OutboxState;
  /** Why, as a code: `OutboxReason` of the outbox's package. */
  readonly reason: string | undefined;
  /** What it is: a submission, an update. */
  readonly event: EventName | undefined;
  readonly after: string | undefined;
  /** How often the message was tried, since somebody last had it tried again. */
  readonly sends: number;
  readonly mayHaveArrived: boolean;
  /** Whether somebody works on it at the moment. */
  readonly isLeased: boolean;
  /** When it is tried again, if by itself, in milliseconds since 1970. */
  readonly dueAtMs: number | undefined;
  readonly addedAtMs: number;
  /** When it was last changed. */
  readonly changedAtMs: number;
}

/** The content of an entry, and its answer. */
export interface ShownContent {
  readonly graph: ReplyMessage['graph'];
  /** `undefined` while the message waits for the ids of its predecessor. */
  readonly message: ReplyMessage | undefined;
  readonly reply: ReplyMessage | undefined;
  readonly issues: readonly Issue[];
}

/** The content of an outbox, as it is shown to a person. */
export interface ShownEntries {
  readonly entries: readonly ShownEntry[];
  readonly ofOthers: number;
  readonly unreadable: readonly string[];
}

/** An outbox, as far as a screen needs it: that of `@fhir-messaging/outbox`, or one that does the same. */
export interface ShownOutbox extends Observed<ShownEntries> {
  list(): Promise<ShownEntries>;
  read(id: string): Promise<ShownContent | undefined>;
  enqueue(content: Message | { readonly event: AnyEvent; readonly graph: BundleGraph<Resource> }, options: { readonly key?: string; readonly after?: string }): Promise<{ readonly id: string }>;
  retry(id: string): Promise<boolean>;
  decide(id: string, outcome: 'processed' | 'not-processed'): Promise<boolean>;
  cancel(id: string, seen?: { readonly changedAtMs: number }): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}
