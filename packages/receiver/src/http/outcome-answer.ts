import { toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { ProcessResult } from '../receive/process-result.ts';
import type { HttpAnswer } from './http-exchange.ts';

/** FHIR's JSON. */
export const fhirJson = 'application/fhir+json';

const inFhirJson = Object.freeze({ 'content-type': fhirJson });

/** An answer whose body is an OperationOutcome. A 503 says when to ask again. */
export function outcomeAnswer(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  const retry = status === 503 ? { 'retry-after': '1' } : {};
  return { status, headers: { ...inFhirJson, ...retry, ...headers }, body: new TextEncoder().encode(JSON.stringify(toOperationOutcome(issues))) };
}

/** The answer to a message that was processed, or was not. */
export function resultAnswer({ status, bytes, issues, retryAfterSeconds }: ProcessResult): HttpAnswer {
  if (bytes !== undefined) {
    return { status, headers: inFhirJson, body: bytes };
  }
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return status < 300 ? { status, headers: {}, body: undefined } : outcomeAnswer(status, issues, retry);
}
