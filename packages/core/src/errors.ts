import { isIssueCode, isIssueSeverity } from './fhir/codes.ts';
import type { IssueCode, IssueSeverity } from './fhir/codes.ts';
import type { Issue, IssueDetails } from './fhir/issue.ts';
import { itemsOf, member, objectsIn, textIn } from './fhir/json.ts';
import type { JsonObject } from './fhir/json.ts';

/** What went wrong, as a closed set: switch on this, not on the message. */
export type ErrorCode =
  /** The text is not JSON, and `line` and `column` say where; or, without these, the bytes are not UTF-8, or the JSON is no object where a graph was to be read. */
  | 'json.invalid'
  /** The input is larger or deeper than the limits allow. */
  | 'input.limit'
  /** An event's table contradicts itself or holds what no table can; which resource types exist, only the compiler knows. */
  | 'event.invalid'
  /** A message breaks the rules of FHIR or of its event; `issues` say which. */
  | 'message.invalid'
  /** An edit names an entry that is not in the graph; or an enqueued message follows one that is not in the outbox. */
  | 'entry.unknown'
  /** An edit would give two entries the same `fullUrl`; or another message in the outbox has the id of an enqueued one. */
  | 'entry.duplicate'
  /** An edit would leave an entry that cannot be: no resource type, a `fullUrl` that is no absolute URI, another resource's type. */
  | 'entry.invalid'
  /** An answer that cannot be read, is too large, or is not what was asked for, such as a reply message; or a request without an id that a reply could quote. */
  | 'reply.invalid'
  /** The reply answers another request; or a read gave another resource than the one asked for. */
  | 'reply.mismatch'
  /** The ids that the server assigned do not cover the focus, or give a relative reference a meaning that it had not: an update could mean another record. */
  | 'adopt.incomplete'
  /** A resource is not for certain about the patient of the focus. */
  | 'patient.mismatch'
  /** The connection failed; or there were no sound headers; or `onLeaving` threw; or the page ended during the send. */
  | 'transport.failed'
  /** No answer came in time, or no time was left for an attempt. */
  | 'transport.timeout'
  /**
   * The answer's status says neither yes nor no: 3xx; 4xx with a `lock-error`; the identity strategy's `duplicateStatus` without issues; 408, 425, 429 or
   * 5xx after the last attempt. For a read: no success.
   */
  | 'transport.status'
  /** The transport cannot do what was asked of it, such as an asynchronous exchange. */
  | 'transport.unsupported'
  /** The server does not accept the session that messages are sent or resources read with: sign in again. */
  | 'session.expired'
  /** An address that somebody else gave leads where nothing of ours may go; or a broker has no queue or topic of the configured name. */
  | 'address.refused'
  /** The right to act on a message went to another, since its lease was not renewed in time. */
  | 'lease.lost'
  /** The storage cannot keep what it has to: it is not there, does not answer, is full, is not safe enough, or was written by a later version. */
  | 'storage.unavailable'
  /** The messenger, receiver, outbox, store or broker's transport that was called is closed; or a handler's transaction is over. */
  | 'closed'
  /** This platform lacks what the entry point needs. */
  | 'platform.unsupported';

/** What is known of a message's arrival: `no` it did not, `yes` it did, `unknown` nobody can tell. */
export type Delivery = 'no' | 'unknown' | 'yes';

/** The facts that an error carries beside its message. */
export interface MessagingErrorFacts {
  readonly issues?: readonly Issue[] | undefined;
  readonly delivery?: Delivery | undefined;
  readonly attempts?: number | undefined;
  readonly status?: number | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of the SDK: something that should not have happened.
 *
 * What the spec says may happen (a refusal, a `fatal-error` reply) is a value instead. The `message` holds codes, ids and paths, never
 * patient data or a token. `issues` may have the other side's own words, and `cause` is what your code or the transport threw: do not log these two.
 */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';
  /** What went wrong; survives duplicate installs, bundling and JSON, unlike the class. */
  declare readonly code: ErrorCode;
  /** The findings behind it, worst first for `message.invalid`; empty when there are none. */
  declare readonly issues: readonly Issue[];
  /** For sending: whether the message may have arrived. */
  declare readonly delivery: Delivery | undefined;
  /** For sending: how many attempts were made, the first included. */
  declare readonly attempts: number | undefined;
  /** The HTTP status, where one came. */
  declare readonly status: number | undefined;
  /** For `json.invalid`: the line, counted from 1. */
  declare readonly line: number | undefined;
  /** For `json.invalid`: the column in characters, counted from 1. */
  declare readonly column: number | undefined;

  constructor(code: ErrorCode, message: string, facts: MessagingErrorFacts = {}) {
    super(message, facts);
    Object.assign(this, facts, { code, issues: facts.issues ?? [] });
  }
}

/** Whether a value is a {@link MessagingError}, of this copy of the package or another. */
export function isMessagingError(value: unknown): value is MessagingError {
  return value instanceof Error && value.name === 'MessagingError' && 'code' in value;
}

/**
 * Turns anything thrown or received into issues that can be shown: a {@link MessagingError}, a `Reply`, an OperationOutcome, an error that carries
 * one as `outcome` (Medplum's do), an `AbortError` (an error by the rule `aborted`), or any other value, of which only its kind is told.
 *
 * @example messenger.send(message).catch((error) => show(toIssues(error)));
 */
export function toIssues(value: unknown): readonly Issue[] {
  if (isMessagingError(value)) {
    const { code: rule, issues, message: diagnostics } = value;
    const [, code = 'processing', severity = 'error'] = ofErrors.find(([errors]) => errors.test(rule)) ?? [];
    return issues.length > 0 ? issues : [{ severity, code, rule, diagnostics }];
  }
  if (isReplyLike(value)) {
    return value.issues;
  }
  if (member(value, 'resourceType') === outcomeType) {
    return objectsIn(member(value, 'issue')).map(readIssue);
  }
  const outcome = member(value, 'outcome');
  if (member(outcome, 'resourceType') === outcomeType) {
    return toIssues(outcome);
  }
  const kind = value instanceof Error ? value.name : typeof value;
  if (kind === 'AbortError') {
    return [{ severity: 'error', code: 'incomplete', rule: 'aborted', diagnostics: 'This was ended here, before an answer came.' }];
  }
  return [{ severity: 'error', code: 'exception', diagnostics: `An unexpected ${kind} was thrown.` }];
}

/** Whether a value has issues as a `Reply` does. Other libraries' errors have `issues` of another shape; our own, once they were JSON, have no `kind`. */
function isReplyLike(value: unknown): value is Pick<MessagingError, 'issues'> {
  return Array.isArray(member(value, 'issues')) && typeof member(value, 'attempts') === 'number' && textIn(value, 'kind') !== undefined;
}

const outcomeType = 'OperationOutcome';

/** FHIR's code for an error by its own code, and the severity where that is not `error`; the first match counts. */
const ofErrors: readonly (readonly [errors: RegExp, code: IssueCode, severity?: IssueSeverity])[] = [
  [/^json/, 'structure', 'fatal'],
  [/limit$/, 'too-long', 'fatal'],
  [/timeout$/, 'timeout'],
  [/^transport/, 'transient'],
  [/^session/, 'login'],
  [/invalid$/, 'invalid'],
];

function readIssue(issue: JsonObject): Issue {
  const { severity, code, expression, location } = issue;
  const details = readDetails(issue['details']);
  const where = [expression, location].map(itemsOf).find((paths) => paths.length > 0);
  const diagnostics = details?.text ?? textIn(issue, 'diagnostics') ?? details?.coding?.[0]?.display;
  return {
    // R5 has a fifth severity, and two codes more.
    severity: isIssueSeverity(severity) ? severity : severity === 'success' ? 'information' : 'error',
    code: isIssueCode(code) ? code : code === 'success' ? 'informational' : 'processing',
    ...(where && { expression: where.filter((path) => typeof path === 'string') }),
    ...(diagnostics !== undefined && { diagnostics }),
    ...(details && { details }),
  };
}

function readDetails(details: unknown): IssueDetails | undefined {
  const text = textIn(details, 'text');
  const coding = objectsIn(member(details, 'coding'))
    .map((item) => ({ system: textIn(item, 'system'), code: textIn(item, 'code'), display: textIn(item, 'display') }))
    .filter(({ system, code, display }) => system ?? code ?? display);
  return coding.length > 0 ? { coding, text } : text === undefined ? undefined : { text };
}
