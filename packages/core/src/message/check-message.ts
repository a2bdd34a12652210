import { isMessagingError, toIssues } from '../errors.ts';
import type { Issue } from '../fhir/issue.ts';
import { runChecks } from './check/run-checks.ts';
import type { CheckOptions } from './check/run-checks.ts';
import { readInput } from './read-input.ts';
import type { MessageInput } from './read-input.ts';

/**
 * Checks a message against FHIR's structural rules for its release and, where one is given, against its event's contract.
 *
 * `RULES.md` lists every rule with its source and its severity in both modes. Profiles and terminology are not looked at. Faults of the
 * input are issues, and never thrown: text that is no JSON is one too.
 *
 * @param input - a text, bytes, a Bundle, a graph or a message.
 * @returns the issues, none when all is well.
 * @throws {TypeError} when a rule of the event gives no list.
 * @see {@link https://hl7.org/fhir/R4/messaging.html} FHIR messaging
 * @example checkMessage(text, { event: submitServiceRequest }).filter(isError)
 */
export function checkMessage(input: MessageInput, options: CheckOptions = {}): readonly Issue[] {
  const mode = options.mode ?? 'strict';
  try {
    return runChecks(readInput(input, { mode }).graph, options);
  } catch (error) {
    if (isMessagingError(error)) {
      return toIssues(error);
    }
    throw error;
  }
}
