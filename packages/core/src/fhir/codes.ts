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

/** Whether a value is one of some codes. */
export type CodeGuard<TCode> = (value: unknown) => value is TCode;

/** Whether a value is one of FHIR's issue codes. */
export const isIssueCode: CodeGuard<IssueCode> = /* @__PURE__ */ isOneOf(issueCodes);

/** Whether a value is one of FHIR's response codes. */
export const isResponseCode: CodeGuard<ResponseCode> = /* @__PURE__ */ isOneOf(['ok', 'transient-error', 'fatal-error']);

/** Whether a value is one of FHIR's message categories. */
export const isMessageCategory: CodeGuard<MessageCategory> = /* @__PURE__ */ isOneOf(['consequence', 'currency', 'notification']);

/** Whether a value is one of FHIR's issue severities. */
export const isIssueSeverity: CodeGuard<IssueSeverity> = /* @__PURE__ */ isOneOf(['fatal', 'error', 'warning', 'information']);

/** Whether a value is one of the codes of `messageheader-response-request`. */
export const isResponseRequest: CodeGuard<ResponseRequest> = /* @__PURE__ */ isOneOf(['always', 'on-error', 'never', 'on-success']);

function isOneOf<TCode extends string>(codes: readonly TCode[]): CodeGuard<TCode> {
  const known: readonly unknown[] = codes;
  return (value): value is TCode => known.includes(value);
}
