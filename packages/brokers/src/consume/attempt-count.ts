/** The header or property of a copy that says which attempt is next. */
export const attemptHeader = 'fhir-attempt';

/** The number of an attempt, by what its header says; 1 for a header that is no count, since anybody may write it. */
export function attemptIn(headers: Readonly<Record<string, unknown>> | undefined): number {
  const attempt = Number(headers?.[attemptHeader]);
  return Number.isSafeInteger(attempt) && attempt > 1 ? attempt : 1;
}
