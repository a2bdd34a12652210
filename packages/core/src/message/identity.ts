import type { MessageCategory } from '../fhir/codes.ts';
import { member, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { stateOf } from '../graph/graph-value.ts';

/** Where an id of a message stands. A RESTful `fullUrl` is never an identity: Netsmart's is the referral's number, the same in every update. */
export type IdentitySource = 'MessageHeader.id' | 'Bundle.identifier' | 'Bundle.id' | 'MessageHeader.fullUrl';

/** What a resend of a message keeps: all of it, all but the envelope's id, or only its content. */
export type ResendRule = 'same' | 'new-envelope' | 'new-message';

/** How a community names messages and matches replies, as data. */
export interface IdentityStrategy {
  readonly name: string;
  /** The ids that name the message; the first that is there counts. */
  readonly message: readonly IdentitySource[];
  /** The id that names one transmission, where transmissions are told apart. */
  readonly envelope: 'Bundle.id' | undefined;
  /** The ids of a request that a reply may quote; the first is the rule, which our own replies follow. */
  readonly replyQuotes: readonly IdentitySource[];
  /** What a resend keeps, by the message's category; of a consequence `same`, which `adoptReply` relies on. */
  readonly resend: Readonly<Record<MessageCategory, ResendRule>>;
  /** The HTTP status that means "already processed", where there is one, beside an issue of the code `duplicate`. */
  readonly duplicateStatus: number | undefined;
  /** Whether `async` and `response-url` may be used. */
  readonly async: boolean;
  /** How long receivers are known to recognise a resent message, in minutes; `undefined` when nothing is known. */
  readonly reliableCacheMinutes: number | undefined;
}

/** One id of a message. */
export interface MessageId {
  readonly source: IdentitySource;
  readonly value: string;
  /** The identifier's system, for `Bundle.identifier`. */
  readonly system?: string | undefined;
}

/** The ids of a message, as a strategy reads them. */
export interface MessageIdentity {
  /** What names the message; `undefined` when nothing does. */
  readonly message: string | undefined;
  /** What names this transmission of it. */
  readonly envelope: string | undefined;
  /** Every id that a reply might quote. */
  readonly ids: readonly MessageId[];
}

/** A strategy, frozen, that asks for one id first, and then for the others; in everything else R4's, but for the differences. */
function strategyOf(name: string, first: IdentitySource, differences: Partial<IdentityStrategy>): IdentityStrategy {
  const message = Object.freeze([...new Set<IdentitySource>([first, 'MessageHeader.id', 'Bundle.identifier', 'Bundle.id', 'MessageHeader.fullUrl'])]);
  const { resend = { consequence: 'same', currency: 'new-envelope', notification: 'new-envelope' } } = differences;
  return Object.freeze({
    name,
    message,
    envelope: 'Bundle.id',
    replyQuotes: message,
    duplicateStatus: undefined,
    async: true,
    reliableCacheMinutes: undefined,
    ...differences,
    resend: Object.freeze(resend),
  });
}

/**
 * R4 and R4B: `MessageHeader.id` names the message, `Bundle.id` the transmission.
 *
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 */
export const r4: IdentityStrategy = /* @__PURE__ */ strategyOf('r4', 'MessageHeader.id', {});

/**
 * R5: `Bundle.identifier` names the message; transmissions are not told apart.
 *
 * @see {@link https://hl7.org/fhir/R5/messaging.html#reliable} Reliable messaging
 */
export const r5: IdentityStrategy = /* @__PURE__ */ strategyOf('r5', 'Bundle.identifier', {
  envelope: undefined,
  resend: { consequence: 'same', currency: 'new-message', notification: 'same' },
});

/**
 * NHS BaRS: replies quote `Bundle.id`, and 409 with the issue code `duplicate` means that the message was processed before.
 */
export const bars: IdentityStrategy = /* @__PURE__ */ strategyOf('bars', 'Bundle.id', {
  resend: { consequence: 'same', currency: 'same', notification: 'same' },
  duplicateStatus: 409,
  async: false,
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id without its URN, as FHIR's `id` has it. @internal */
export function bareId(value: string): string {
  return value.replace(/^urn:(uuid|oid):/i, '');
}

/** Whether an id is a UUID, with or without its URN. @internal */
export function isUuid(value: string): boolean {
  return uuid.test(bareId(value));
}

/** An id in the one form in which ids compare as text: without its URN, and a UUID in lower case. */
export function plainId(value: string): string {
  const bare = bareId(value);
  return isUuid(bare) ? bare.toLowerCase() : bare;
}

/** Whether two ids are the same: their values, and their systems where both have one; a UUID has no case, and is itself in any system. @internal */
export function isSameId(a: Pick<MessageId, 'value' | 'system'>, b: Pick<MessageId, 'value' | 'system'>): boolean {
  const ours = plainId(a.value);
  return ours === plainId(b.value) && (isUuid(ours) || a.system === undefined || b.system === undefined || a.system === b.system);
}

/** The given strategy, else that of a release. */
export function strategyFor(release: Release, given?: IdentityStrategy): IdentityStrategy {
  return given ?? (release === 'R5' ? r5 : r4);
}

/** The ids of a Bundle under a fresh UUID: its `id`, and its identifier where that is ours to give. @internal */
export function envelopeIds(id: string, withIdentifier: boolean): JsonObject {
  return withIdentifier ? { id, identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` } } : { id };
}

/** A message's graph, with its ids as its release reads them. */
interface Identified {
  readonly graph: BundleGraph<Resource>;
  readonly release: Release;
  readonly identity: MessageIdentity;
}

/** The ids of a message, as a strategy reads them. @internal */
export function identityOf({ graph, release, identity }: Identified, strategy: IdentityStrategy): MessageIdentity {
  return strategy === strategyFor(release) ? identity : readIdentity(graph, strategy);
}

/** The ids of a message's graph, as a strategy reads them. @internal */
export function readIdentity(graph: BundleGraph<Resource>, strategy: IdentityStrategy): MessageIdentity {
  const { envelope, records } = stateOf(graph);
  const identifier = member(envelope, 'identifier');
  const { id, fullUrl } = records[0] ?? {};
  const values: Readonly<Record<IdentitySource, string | undefined>> = {
    'MessageHeader.id': id,
    'Bundle.identifier': textIn(identifier, 'value'),
    'Bundle.id': textIn(envelope, 'id'),
    'MessageHeader.fullUrl': fullUrl?.startsWith('urn:') ? fullUrl : undefined,
  };
  const ids = strategy.replyQuotes.flatMap((source): MessageId[] => {
    const value = values[source];
    const system = source === 'Bundle.identifier' ? textIn(identifier, 'system') : undefined;
    return value === undefined ? [] : [{ source, value, ...(system !== undefined && { system }) }];
  });
  return Object.freeze({
    message: strategy.message.map((source) => values[source]).find((value) => value !== undefined),
    envelope: strategy.envelope && values[strategy.envelope],
    ids: Object.freeze(ids),
  });
}
