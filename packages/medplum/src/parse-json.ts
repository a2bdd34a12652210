import { toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';

/** Parses an answer; `undefined` where it is no JSON, such as a proxy's error page. */
export function parseJson(text: string, reviver?: (name: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** The issues of an answer that is an OperationOutcome; none of any other. */
export function issuesIn(value: unknown): readonly Issue[] {
  const isOutcome = typeof value === 'object' && value !== null && 'resourceType' in value && value.resourceType === 'OperationOutcome';
  return isOutcome ? toIssues(value) : [];
}
