import type { OperationOutcome } from 'fhir/r4';
import type { Issue } from '../fhir/issue.ts';

/**
 * An OperationOutcome of issues, valid in every release: the sentence in `details.text`, the rule in `diagnostics`.
 *
 * FHIR wants at least one issue; of none it makes one that says that all is well.
 *
 * @see {@link https://hl7.org/fhir/R4/operationoutcome.html} OperationOutcome
 */
export function toOperationOutcome(issues: readonly Issue[]): OperationOutcome {
  const all: readonly Issue[] = issues.length > 0 ? issues : [{ severity: 'information', code: 'informational', diagnostics: 'All is well.' }];
  return { resourceType: 'OperationOutcome', issue: all.map(writeIssue) };
}

function writeIssue({ severity, code, rule, expression, diagnostics, details }: Issue): OperationOutcome['issue'][number] {
  const coding = details?.coding ?? [];
  const text = details?.text ?? diagnostics;
  return {
    severity,
    code,
    ...((coding.length > 0 || text) && { details: { ...(coding.length > 0 && { coding }), ...(text && { text }) } }),
    ...(rule !== undefined && { diagnostics: `rule ${rule}` }),
    ...(expression !== undefined && expression.length > 0 && { expression }),
  };
}
