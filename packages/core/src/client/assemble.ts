import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { PayloadOf, ReadPayloadOf } from '../event/payload.ts';
import type { Issue } from '../fhir/issue.ts';
import { isObject } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { requireSound } from '../message/require-sound.ts';
import { collect } from './assemble/collect.ts';
import type { AssembleProgress } from './assemble/collect.ts';
import { requireOnePerson } from './assemble/one-person.ts';
import { issuesOf, settleOutside } from './assemble/outside.ts';
import type { Outside } from './assemble/outside.ts';
import { PayloadSlots } from './assemble/payload-slots.ts';
import { leadTo, serverOf } from './assemble/target.ts';
import type { Reader } from './reader.ts';

/** How a payload is assembled: the reader of the record's server, and what it may do. */
export interface AssembleOptions extends Reader {
  readonly signal?: AbortSignal | undefined;
  /** Told whenever more is found or read. What it throws is ignored. */
  readonly onProgress?: ((progress: AssembleProgress) => void) | undefined;
  /** How many requests are made at a time. @defaultValue 6 */
  readonly concurrency?: number | undefined;
  /** How long one request may take, in milliseconds. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
  /** How many references are followed from the focus, one after the other. @defaultValue 10 */
  readonly maxDepth?: number | undefined;
  /** How many resources may be found, those of `known` included. @defaultValue 1000 */
  readonly maxResources?: number | undefined;
  /**
   * What becomes of references to resources that the contract does not take, or that could not be read: `keep` makes them absolute where
   * `baseUrl` is known, `drop` takes them out, `report` keeps them with an issue for each. @defaultValue 'keep'
   */
  readonly outside?: Outside | undefined;
  /** Resources of the record's server that are at hand, with their ids: they are not read, and taken only where something leads to them. */
  readonly known?: readonly Resource[] | undefined;
  /**
   * Readers of other servers, each with its `baseUrl`, whose resources may be taken too. Without them an absolute reference to another server is
   * never followed.
   */
  readonly elsewhere?: readonly Reader[] | undefined;
}

/** What was assembled. */
export interface Assembled<TPayload> {
  /** For `createMessage`, with the record's `base`. */
  readonly payload: TPayload;
  /**
   * What the payload lacks and the contract does without, such as a resource that could not be read, with the paths of the references to it in
   * the payload (`Observation[3].hasMember[0]`), as they stood before any was dropped.
   */
  readonly issues: readonly Issue[];
}

/**
 * Puts a message's payload together from the record: reads the focus, from there along references every resource that the contract names and has
 * room for, and the resources that refer to the focus as the event's `revinclude` says. References into the payload become relative within a server.
 *
 * Each resource is read once. Each level of references is read in batches of 500 where the reader has `batch`, else by searches for 50 `_id`s of a type
 * where it has `search`; what is left, or alone, has a read of its own. A read that is answered 4xx (401 and 429 aside) or 501, or not in time, is an
 * issue. Of Patients that of the focus is read; where it is known by an identifier
 * alone, those whom the resources found name, as far as there is room.
 *
 * @param focusReference - `Type/id`, or its URL on the reader's server; of a type that the event has in focus.
 * @throws {MessagingError} `patient.mismatch` when a resource is not for certain about the patient of the focus; `message.invalid` when what the
 * contract needs could not be read; `input.limit` when there is more than the limits allow; `reply.mismatch` when a read gives another resource,
 * `reply.invalid` when it gives no JSON object; `session.expired` for a 401, or, where there is no status, an OperationOutcome of `login` or `expired`;
 * `transport.failed`, `transport.status` or the reader's own MessagingError for every other failure. On an abort, the signal's reason.
 * @throws {TypeError} when the focus is of another type or server, `concurrency` is below 1, or there is `elsewhere` and no `baseUrl`.
 * @example
 * const { payload, issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader({ baseUrl }));
 * const message = createMessage(submitServiceRequest, payload, { source, base: baseUrl });
 */
export function assemble<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  focusReference: string,
  options: AssembleOptions & { readonly elsewhere?: undefined },
): Promise<Assembled<ReadPayloadOf<EventContract<TTable, TResource>>>>;
/** The same, with resources of other servers: each slot says the `fullUrl`. */
export function assemble<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  focusReference: string,
  options: AssembleOptions,
): Promise<Assembled<PayloadOf<EventContract<TTable, TResource>>>>;
export function assemble(event: AnyEvent, focusReference: string, options: AssembleOptions): unknown {
  return assembleOnce(event, focusReference, options, options);
}

type Reading = Pick<AssembleOptions, 'signal' | 'onProgress' | 'elsewhere'>;

/**
 * `assemble`, with what is of this assembly alone beside its options: they are a reader, and of an instance of a class a copy would have no methods.
 *
 * @internal
 */
export function assembleOnce(event: AnyEvent, focusReference: string, options: AssembleOptions, reading: Reading): Promise<Assembled<PayloadOf<AnyEvent>>>;
export async function assembleOnce(event: AnyEvent, focusReference: string, options: AssembleOptions, { signal: given, onProgress, elsewhere }: Reading): Promise<unknown> {
  const { concurrency = 6, timeoutMs = 30_000, maxDepth = 10, maxResources = 1000, outside = 'keep' } = options;
  if (!(concurrency >= 1)) {
    throw new TypeError('assemble: concurrency is at least 1.');
  }
  const own = serverOf(options);
  const lead = leadTo([own, ...(elsewhere?.map(serverOf) ?? [])]);
  const focus = lead(focusReference, own);
  if (focus?.server !== own || !event.focus.includes(focus.type)) {
    throw new TypeError(`assemble: the focus has to be a reference to a ${event.focus.join(' or ')} on the server of the reader.`);
  }
  if (elsewhere && own.base === '') {
    throw new TypeError('assemble: with elsewhere the reader needs a baseUrl.');
  }
  const known = new Map((options.known ?? []).flatMap((resource) => (isObject(resource) ? [[`${own.base}${resource.resourceType}/${resource.id ?? ''}`, resource] as const] : [])));
  const collected = await abortingRest(given, (signal) => collect(event, focus, { lead, known, signal, onProgress, concurrency, timeoutMs, maxDepth, maxResources }));
  const { collection } = collected;
  const unread = collection.failed.get(focus.key);
  if (unread) {
    requireSound(event, [{ severity: 'error', code: unread.failure, rule: 'assemble.unread', expression: [focus.type], diagnostics: 'This could not be read.' }]);
  }
  const slots = new PayloadSlots(event, collection.taken.values());
  requireOnePerson(collection.taken, lead, (taken, path) => slots.pathOf(taken, path));
  const settled = new Map([...collection.taken.values()].map((taken) => [taken, settleOutside(taken, collection, lead, outside)] as const));
  const findings = [...settled].flatMap(([taken, each]) => each.findings.map((finding) => ({ ...finding, path: slots.pathOf(taken, finding.path) })));
  const issues = [...slots.issues, ...issuesOf(findings, collection, (type) => slots.lacks(type)), ...collected.issues];
  requireSound(event, issues);
  const payload = slots.payload((taken) => {
    const resource = settled.get(taken)?.resource;
    return elsewhere ? { fullUrl: taken.target.key, resource } : resource;
  });
  return { payload, issues };
}

/** Runs the requests of an assembly; when one fails, those still on their way are aborted. */
async function abortingRest<T>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const rest = new AbortController();
  try {
    return await run(signal ? AbortSignal.any([signal, rest.signal]) : rest.signal);
  } catch (error) {
    rest.abort();
    throw error;
  }
}
