import { parseGraph } from '@fhir-messaging/core';
import type { Bundle, BundleGraph, CachedOutcome, Issue, IssueCode, ResponseCode } from '@fhir-messaging/core';

/** What came of a message that was received. */
export interface ProcessResult {
  /** In terms of HTTP, whatever the message came by: 200 with a reply message, 204 processed and none wanted, 4xx and 5xx an error. */
  readonly status: number;
  /** What the reply's OperationOutcome says, or why there is an error. */
  readonly issues: readonly Issue[];
  /** The reply message; frozen. `undefined` where there is none. */
  readonly bundle: Bundle | undefined;
  /** What the reply message says became of the message: its `response.code`. `undefined` where there is none. */
  readonly responseCode: ResponseCode | undefined;
  /** The reply message to the byte, as it was first written. Not to be changed. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** When it is worth sending again, where that is known: `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
}

/** A result out of an outcome; the reply is parsed when it is asked for. @param code - what the reply says, where that is known. */
export function resultOf({ status, reply, issues }: CachedOutcome, retryAfterSeconds?: number, code?: ResponseCode): ProcessResult {
  let graph: BundleGraph | undefined;
  const parsed = (): BundleGraph | undefined => (graph ??= reply && parseGraph(new TextDecoder().decode(reply)));
  return Object.freeze<ProcessResult>({
    status,
    issues,
    bytes: reply,
    retryAfterSeconds,
    get bundle() {
      return parsed()?.bundle;
    },
    get responseCode() {
      return (reply && code) ?? parsed()?.header?.response?.code;
    },
  });
}

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
