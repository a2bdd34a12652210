import { toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';

/**
 * Why a message is a dead letter, as the JSON of an OperationOutcome that may stand in a header: what the rules of the SDK say, in full; of what a
 * handler says only its codes and paths, since its sentences may speak of a patient.
 */
export function deadLetterOutcome(issues: readonly Issue[]): string {
  return JSON.stringify(toOperationOutcome(issues.map((issue) => (issue.rule === undefined ? withoutSentences(issue) : issue))));
}

function withoutSentences({ severity, code, expression }: Issue): Issue {
  return { severity, code, expression };
}
