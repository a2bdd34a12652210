/** FHIR's `response-code`: what a reply message says of its request. */
export type ResponseCode = 'ok' | 'transient-error' | 'fatal-error';

/** FHIR's `message-significance-category`: what processing a message twice would mean. */
export type MessageCategory = 'consequence' | 'currency' | 'notification';

/** FHIR's `messageheader-response-request`: when a reply message is wanted. */
export type ResponseRequest = 'always' | 'on-error' | 'never' | 'on-success';

/** FHIR's `issue-severity`. */
export type IssueSeverity = 'fatal' | 'error' | 'warning' | 'information';

const issueCodes = [
  'invalid', 'structure', 'required', 'value', 'invariant', 'security', 'login', 'unknown', 'expired', 'forbidden', 'suppressed',
  'processing', 'not-supported', 'duplicate', 'multiple-matches', 'not-found', 'deleted', 'too-long', 'code-invalid',
  'extension', 'too-costly', 'business-rule', 'conflict', 'transient', 'lock-error', 'no-store', 'exception', 'timeout',
  'incomplete', 'throttled', 'informational',
] as const;

/** FHIR's `issue-type`, as far as R4, R4B and R5 agree on it. */
export type IssueCode = (typeof issueCodes)[number];

/** Whether a value is one of FHIR's issue codes. */
export function isIssueCode(value: unknown): value is IssueCode {
  const known: readonly unknown[] = issueCodes;
  return known.includes(value);
}

const responseCodes: ReadonlySet<string> = new Set<ResponseCode>(['ok', 'transient-error', 'fatal-error']);

/** Whether a value is one of FHIR's response codes. */
export function isResponseCode(value: unknown): value is ResponseCode {
  return typeof value === 'string' && responseCodes.has(value);
}

const severities: ReadonlySet<string> = new Set<IssueSeverity>(['fatal', 'error', 'warning', 'information']);

/** Whether a value is one of FHIR's issue severities. */
export function isIssueSeverity(value: unknown): value is IssueSeverity {
  return typeof value === 'string' && severities.has(value);
}
