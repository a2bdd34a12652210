import { toIssues } from '../errors.ts';
import type { Issue } from '../fhir/issue.ts';
import { member } from '../fhir/json.ts';

/** The issues of an answer's body that is an OperationOutcome; `undefined` of any other, since an error page is no reason to lose a status. */
export function readOutcome(body: Uint8Array | undefined): readonly Issue[] | undefined {
  try {
    const value: unknown = body && JSON.parse(new TextDecoder().decode(body));
    return member(value, 'resourceType') === 'OperationOutcome' ? toIssues(value) : undefined;
  } catch {
    return undefined;
  }
}
