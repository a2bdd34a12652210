import { toIssues } from '../errors.ts';
import type { Issue } from '../fhir/issue.ts';
import { member, objectsIn } from '../fhir/json.ts';

/** The issues of an answer's body that is an OperationOutcome; `undefined` of any other. */
export function readOperationOutcome(body: Uint8Array | undefined): readonly Issue[] | undefined {
  const value = valueOf(body);
  return isOutcome(value) ? toIssues(value) : undefined;
}

/** The issues of every OperationOutcome in an answer's body: the body itself, or an entry of it. */
export function issuesIn(body: Uint8Array | undefined): readonly Issue[] {
  const value = valueOf(body);
  return [value, ...objectsIn(member(value, 'entry')).map(({ resource }) => resource)].filter(isOutcome).flatMap(toIssues);
}

/** The body's JSON; an error page is no reason to lose a status. */
function valueOf(body: Uint8Array | undefined): unknown {
  try {
    return body && JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

const isOutcome = (value: unknown): boolean => member(value, 'resourceType') === 'OperationOutcome';
