import { MessagingError } from '../errors.ts';
import { isMessageCategory, isResponseRequest } from '../fhir/codes.ts';
import { isText } from '../fhir/json.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { parseCardinality } from './cardinality.ts';
import type { Cardinality } from './cardinality.ts';
import type { AnyEvent, EventContract, EventTable, ResourceTypeName } from './event-contract.ts';

/**
 * A table with its mistakes spelled out as types, so that the compiler's message names them. The types are objects: a string type would meet the
 * table's own string in `never`, which says nothing.
 */
export type CheckedTable<TTable extends EventTable> = {
  readonly focus: readonly (keyof TTable['payload'] & string)[];
  readonly payload: {
    readonly [TType in keyof TTable['payload']]: string extends TType
      ? { readonly mistake: 'the table is no literal: write it as const, and say in each of its rules what it takes, (graph: BundleGraph) => …' }
      : TType extends Exclude<ResourceTypeName, 'MessageHeader'>
      ? TTable['payload'][TType] extends Cardinality
        ? TTable['payload'][TType]
        : { readonly mistake: `"${TTable['payload'][TType]}" is no cardinality: write min..max, such as 1..1 or 0..*` }
      : { readonly mistake: `"${TType & string}" is no resource type that a payload may hold` };
  };
};

/**
 * Defines an event: the contract of one message type, which the compiler and `checkMessage` both enforce.
 *
 * @throws {MessagingError} `event.invalid` when the table names neither or both of `coding` and `uri`, a coding without system or code, a category, reply
 * or member that does not exist, a payload type that can be none (MessageHeader is none), a cardinality that is none or allows nothing, `rules` that are
 * no list of functions, `scopes` that are no list of texts, or a focus or revinclude that is not in the payload. Only the compiler knows which types exist.
 * @example
 * const table = {
 *   coding: { system: 'https://example.org/events', code: 'notify-admission' },
 *   category: 'notification',
 *   focus: ['Encounter'],
 *   payload: { Encounter: '1..1', Patient: '1..1', Condition: '0..*' },
 * } as const;
 * export const notifyAdmission: EventContract<typeof table> = defineEvent(table);
 */
export function defineEvent<const TTable extends EventTable>(table: TTable & CheckedTable<TTable>): EventContract<TTable>;
export function defineEvent(table: EventTable): unknown {
  requireSoundTable(table);
  const { coding, uri, category, focus, payload, otherResources, everyResourceReferenced, rules, scopes, revinclude, reply } = table;
  const contract: AnyEvent = {
    coding: frozenCopy(coding),
    uri,
    category,
    focus: Object.freeze([...new Set(focus)]),
    payload: frozenCopy(payload),
    otherResources: otherResources ?? false,
    everyResourceReferenced: everyResourceReferenced ?? false,
    rules: Object.freeze([...(rules ?? [])]),
    scopes: frozenCopy(scopes ?? []),
    revinclude: frozenCopy(revinclude ?? []),
    reply: reply ?? 'always',
    table,
    for: retype,
  };
  for (const name in table) requireThat(Object.hasOwn(contract, name), `An event has no "${name}".`);
  return Object.freeze(contract);

  function retype(): never;
  function retype(): unknown {
    return contract;
  }
}

function requireSoundTable({ coding, uri, category, reply, payload, focus, rules = [], scopes = [], revinclude = [] }: EventTable): void {
  requireThat((coding === undefined) === Boolean(uri), 'An event is named by either a coding or a uri.');
  requireThat(coding === undefined || (coding.system && coding.code), "An event's coding has a system and a code.");
  requireThat(isMessageCategory(category), "An event's category is one of consequence, currency, notification.");
  requireThat(reply === undefined || isResponseRequest(reply), "An event's reply is one of always, on-error, never, on-success.");
  requireThat(Array.isArray(rules) && rules.every((rule) => typeof rule === 'function'), "An event's rules are a list of functions.");
  requireThat(Array.isArray(scopes) && scopes.every(isText), "An event's scopes are a list of texts.");
  for (const [type, cardinality] of Object.entries(payload)) {
    requireThat(/^[A-Z][A-Za-z]+$/.test(type) && type !== 'MessageHeader', `"${type}" is no resource type that a payload may hold.`);
    requireThat(parseCardinality(cardinality), `"${cardinality}", for ${type}, is no cardinality: write min..max, such as 1..1 or 0..*.`);
  }
  for (const type of focus) {
    requireThat(Object.hasOwn(payload, type), `The focus lists ${type}, which is not in the payload.`);
  }
  for (const link of revinclude) {
    const [type = '', parameter = ''] = link.split(':');
    requireThat(Object.hasOwn(payload, type) && /^[a-z-]+$/.test(parameter), `"${link}" is no revinclude: write Type:parameter, of a type of the payload.`);
  }
}

function requireThat(holds: unknown, otherwise: string): void {
  if (!holds) {
    throw new MessagingError('event.invalid', otherwise);
  }
}
