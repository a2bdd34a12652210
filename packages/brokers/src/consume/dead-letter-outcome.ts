import { toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';

/** The most bytes of an outcome in a header: AMQP 0-9-1 has all headers in one frame, of 8 KiB where nobody asks for more. */
const maxBytes = 4000;

/**
 * Why a message is a dead letter, as the JSON of an OperationOutcome that may stand in a header: our own issues in full; of the receiver's issues only
 * rules, codes and paths, since a handler's sentences may speak of a patient, whether they have a rule or not. As many issues as fit into 4,000 bytes.
 */
export function deadLetterOutcome(own: readonly Issue[], issues: readonly Issue[]): string {
  const told = [...own, ...issues.map(withoutSentences)];
  for (let count = told.length; count > 0; count -= 1) {
    const text = JSON.stringify(toOperationOutcome(told.slice(0, count)));
    if (new TextEncoder().encode(text).byteLength <= maxBytes) {
      return text;
    }
  }
  return shortestOutcome;
}

/** The outcome that says only that a message is a dead letter, where no reason fits. */
export const shortestOutcome: string = JSON.stringify(toOperationOutcome([{ severity: 'error', code: 'processing' }]));

function withoutSentences({ severity, code, rule, expression }: Issue): Issue {
  return { severity, code, rule, expression };
}
