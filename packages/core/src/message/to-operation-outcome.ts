import type { Issue } from '../fhir/issue.ts';
import { isText, present } from '../fhir/json.ts';

/** An OperationOutcome that the SDK hands out, of a type that fits functions that take R4's, R5's or Medplum's. */
export interface OperationOutcome {
  resourceType: 'OperationOutcome';
  issue: OperationOutcomeIssue[];
}

/** One finding of an OperationOutcome that the SDK hands out. */
export interface OperationOutcomeIssue {
  severity: Issue['severity'];
  code: Issue['code'];
  details?: { coding?: { system?: string; code?: string; display?: string }[]; text?: string };
  diagnostics?: string;
  expression?: string[];
}

/**
 * An OperationOutcome of issues, valid in every release: the sentence in `details.text`, where `toIssues` looks first; in `diagnostics` the rule,
 * and the issue's own `diagnostics` where its `details.text` says something else.
 *
 * FHIR wants at least one issue; without any, the outcome gets one that says that all is well.
 *
 * @see {@link https://hl7.org/fhir/R4/operationoutcome.html} OperationOutcome
 */
export function toOperationOutcome(issues: readonly Issue[]): OperationOutcome {
  const all: readonly Issue[] = issues.length > 0 ? issues : [{ severity: 'information', code: 'informational', diagnostics: 'All is well.' }];
  return { resourceType: 'OperationOutcome', issue: all.map(writeIssue) };
}

function writeIssue({ severity, code, rule, expression, diagnostics, details }: Issue): OperationOutcomeIssue {
  const coding = details?.coding ?? [];
  const text = details?.text ?? diagnostics;
  const more = [diagnostics === text ? undefined : diagnostics, rule && `rule ${rule}`].filter(isText);
  return {
    severity,
    code,
    ...((coding.length > 0 || text) && { details: { ...(coding.length > 0 && { coding: coding.map(present) }), ...(text && { text }) } }),
    ...(more.length > 0 && { diagnostics: more.join('\n') }),
    ...(expression !== undefined && expression.length > 0 && { expression }),
  };
}
