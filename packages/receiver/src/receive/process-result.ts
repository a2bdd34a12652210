import { parseGraph } from '@fhir-messaging/core';
import type { Bundle, BundleGraph, CachedOutcome, Issue, IssueCode, ResponseCode } from '@fhir-messaging/core';

/** The result of a message that was received. */
export interface ProcessResult {
  /**
   * The status in terms of HTTP, whichever way the message came: 200 with a reply message, or without one where a response was taken, or the reply
   * comes later (there `acceptedStatus` counts); 204 processed with no reply wanted; 4xx and 5xx an error.
   */
  readonly status: number;
  /** The issues of the reply's OperationOutcome, or of the error. */
  readonly issues: readonly Issue[];
  /** The reply message; frozen. `undefined` where there is none. */
  readonly bundle: Bundle | undefined;
  /** The reply message's `response.code`; `undefined` where there is no reply message. */
  readonly responseCode: ResponseCode | undefined;
  /** The reply message to the byte, as it was first written; do not change it. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** `Retry-After`: when the message is worth sending again, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /**
   * Why the cache did not let this message be begun: it is being processed already (`in-flight`), or the cache failed (`unavailable`). Else `undefined`:
   * where a handler passes on another receiver's issues, too.
   */
  readonly cacheState: 'in-flight' | 'unavailable' | undefined;
}

/** The result of an outcome; its reply is parsed when it is asked for. @param code - of the reply, where it is known. */
export function resultOf(outcome: CachedOutcome, retryAfterSeconds?: number, code?: ResponseCode, cacheState?: ProcessResult['cacheState']): ProcessResult {
  return new Result(outcome, retryAfterSeconds, code, cacheState);
}

class Result implements ProcessResult {
  declare readonly bundle: Bundle | undefined;
  declare readonly responseCode: ResponseCode | undefined;
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly cacheState: ProcessResult['cacheState'];
  readonly #code: ResponseCode | undefined;
  #graph: BundleGraph | undefined;

  constructor({ status, reply, issues }: CachedOutcome, retryAfterSeconds: number | undefined, code: ResponseCode | undefined, cacheState: ProcessResult['cacheState']) {
    this.status = status;
    this.issues = issues;
    this.bytes = reply;
    this.retryAfterSeconds = retryAfterSeconds;
    this.cacheState = cacheState;
    this.#code = reply && code;
    Object.freeze(Object.defineProperties(this, whenAsked));
  }

  static graphOf(result: Result): BundleGraph | undefined {
    return (result.#graph ??= result.bytes && parseGraph(new TextDecoder().decode(result.bytes)));
  }

  static codeOf(result: Result): ResponseCode | undefined {
    return result.#code ?? Result.graphOf(result)?.header?.response?.code;
  }
}

/** One set of getters for all results: the engine keeps an object's own, with all that they close over, longer than the object. */
const whenAsked = {
  bundle: {
    enumerable: true,
    get(this: Result): Bundle | undefined {
      return Result.graphOf(this)?.bundle;
    },
  },
  responseCode: {
    enumerable: true,
    get(this: Result): ResponseCode | undefined {
      return Result.codeOf(this);
    },
  },
};

/** A result that says why a message was not processed. */
export function refuse(status: number, issues: readonly Issue[], retryAfterSeconds?: number, cacheState?: ProcessResult['cacheState']): ProcessResult {
  return resultOf({ status, reply: undefined, issues }, retryAfterSeconds, undefined, cacheState);
}

/** An issue that is an error. Its text holds rules, paths and codes, never content of the message. */
export function errorIssue(code: IssueCode, rule: string, diagnostics: string): Issue {
  return { severity: 'error', code, rule, diagnostics };
}

/** Whether a step gave the result already. */
export function isResult(value: object): value is ProcessResult {
  return 'status' in value;
}
