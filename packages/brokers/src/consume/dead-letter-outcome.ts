import { toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';

/** What a header may hold of it: AMQP 0-9-1 has all headers in one frame, of 8 KiB where nobody asks for more. */
const maxLength = 4000;

/**
 * Why a message is a dead letter, as the JSON of an OperationOutcome that may stand in a header: what the rules of the SDK say, in full; of what a
 * handler says only its codes and paths, since its sentences may speak of a patient. The issues are those that fit, in 4,000 characters.
 */
export function deadLetterOutcome(issues: readonly Issue[]): string {
  const told = issues.map((issue) => (issue.rule === undefined ? withoutSentences(issue) : issue));
  for (let count = told.length; count > 0; count -= 1) {
    const text = JSON.stringify(toOperationOutcome(told.slice(0, count)));
    if (text.length <= maxLength) {
      return text;
    }
  }
  return JSON.stringify(toOperationOutcome([{ severity: 'error', code: 'processing' }]));
}

function withoutSentences({ severity, code, expression }: Issue): Issue {
  return { severity, code, expression };
}
