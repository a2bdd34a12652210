import { toOperationOutcome } from '@fhir-messaging/core';
import type { IssueCode } from '@fhir-messaging/core';

/** FHIR's media type. */
const fhirJson = 'application/fhir+json';

/** A resource as an HTTP response; nothing of it is kept by a browser. */
export function fhirResponse(status: number, resource: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(resource), { status, headers: { 'content-type': fhirJson, 'cache-control': 'no-store', ...headers } });
}

/** An error as an HTTP response with an OperationOutcome, which shows no content of any resource. */
export function outcome(status: number, code: IssueCode, diagnostics: string, headers: Readonly<Record<string, string>> = {}): Response {
  return fhirResponse(status, toOperationOutcome([{ severity: 'error', code, diagnostics }]), headers);
}
