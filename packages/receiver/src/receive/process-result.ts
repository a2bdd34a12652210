import { parseGraph } from '@fhir-messaging/core';
import type { Bundle, CachedOutcome, Issue, IssueCode } from '@fhir-messaging/core';

/** What came of a message that was received. */
export interface ProcessResult {
  /** In terms of HTTP, whatever the message came by: 200 with a reply message, 204 processed and none wanted, 4xx and 5xx an error. */
  readonly status: number;
  /** What the reply's OperationOutcome says, or why there is an error. */
  readonly issues: readonly Issue[];
  /** The reply message; frozen. `undefined` where there is none. */
  readonly bundle: Bundle | undefined;
  /** The same to the byte, as it was first written. Not to be changed. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** When it is worth sending again, where that is known: `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
}

/** A result out of an outcome; the reply is parsed when it is asked for. */
export function resultOf(outcome: CachedOutcome, retryAfterSeconds?: number): ProcessResult {
  return new Result(outcome, retryAfterSeconds);
}

class Result implements ProcessResult {
  declare readonly bundle: Bundle | undefined;
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly retryAfterSeconds: number | undefined;
  #bundle: Bundle | undefined;

  constructor({ status, reply, issues }: CachedOutcome, retryAfterSeconds: number | undefined) {
    this.status = status;
    this.issues = issues;
    this.bytes = reply;
    this.retryAfterSeconds = retryAfterSeconds;
    Object.freeze(Object.defineProperty(this, 'bundle', bundle));
  }

  static bundleOf(result: Result): Bundle | undefined {
    return (result.#bundle ??= result.bytes && parseGraph(new TextDecoder().decode(result.bytes)).bundle);
  }
}

/** One getter for all: the engine keeps an object's own getters, with all that they see, for longer than the object. */
const bundle = {
  enumerable: true,
  get(this: Result): Bundle | undefined {
    return Result.bundleOf(this);
  },
};

/** A result that says why a message was not processed. */
export function refuse(status: number, issues: readonly Issue[], retryAfterSeconds?: number): ProcessResult {
  return resultOf({ status, reply: undefined, issues }, retryAfterSeconds);
}

/** One issue that is an error. The sentence holds rules, paths and codes, never what the message says. */
export function errorIssue(code: IssueCode, rule: string, diagnostics: string): Issue {
  return { severity: 'error', code, rule, diagnostics };
}

/** Whether a step ended the way in. */
export function isResult(value: object): value is ProcessResult {
  return 'status' in value;
}
