import { toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { ProcessResult } from '../receive/process-result.ts';

/** FHIR's JSON. */
export const fhirJson = 'application/fhir+json';

/** An answer whose body is an OperationOutcome. A 503 says when to ask again. */
export function outcomeResponse(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}): Response {
  const retry = status === 503 ? { 'retry-after': '1' } : {};
  return new Response(JSON.stringify(toOperationOutcome(issues)), { status, headers: { 'content-type': fhirJson, ...retry, ...headers } });
}

/** The answer to a message that was processed, or was not. */
export function resultResponse({ status, bytes, issues, retryAfterSeconds }: ProcessResult): Response {
  if (bytes !== undefined) {
    return new Response(bytes, { status, headers: { 'content-type': fhirJson } });
  }
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return status < 300 ? new Response(null, { status }) : outcomeResponse(status, issues, retry);
}
