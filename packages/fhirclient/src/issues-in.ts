import { toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';

/** The issues of an answer that is an OperationOutcome; none of any other, such as a proxy's error page. */
export function issuesIn(text: string): readonly Issue[] {
  try {
    const value: unknown = JSON.parse(text);
    const isOutcome = typeof value === 'object' && value !== null && 'resourceType' in value && value.resourceType === 'OperationOutcome';
    return isOutcome ? toIssues(value) : [];
  } catch {
    return [];
  }
}
