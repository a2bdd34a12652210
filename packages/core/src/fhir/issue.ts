import type { IssueCode, IssueSeverity } from './codes.ts';
import type { RuleId } from './rule-id.ts';

/**
 * One finding, in the shape of an OperationOutcome's issue, with the rule that it comes from.
 *
 * It holds rules, paths, resource types, counts and message ids; what another system wrote into its own OperationOutcome is kept as it came.
 */
export interface Issue {
  /** How bad it is. */
  severity: IssueSeverity;
  /** FHIR's code for the kind of problem. */
  code: IssueCode;
  /** The rule that was broken, such as `bdl-12` or `payload.max`; `undefined` on issues of another system. Events, checks and other packages have rules of their own. */
  rule?: RuleId | (string & {}) | undefined;
  /** Where, as FHIRPath: from the Bundle; of `assemble`'s issues, from the payload; of another system's, as it came. `undefined` where there is no such place. */
  expression?: string[] | undefined;
  /** A sentence that says what is wrong and what would be right. */
  diagnostics?: string | undefined;
  /** What another system said in `details`, as it came. */
  details?: IssueDetails | undefined;
}

/** The `details` of another system's issue. */
export interface IssueDetails {
  coding?: { system?: string | undefined; code?: string | undefined; display?: string | undefined }[] | undefined;
  text?: string | undefined;
}

/** Whether an issue means failure: FHIR's severities `fatal` and `error`. */
export function isError({ severity }: Readonly<Partial<Record<keyof Issue, unknown>>>): boolean {
  return severity === 'error' || severity === 'fatal';
}
