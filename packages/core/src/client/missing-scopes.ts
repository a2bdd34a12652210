import type { AnyEvent } from '../event/event-contract.ts';

/**
 * The scopes of an event when not one of them was granted; an empty list when one was, or when the event takes no scope.
 *
 * A scope covers another with `*` for the resource or the access, as in `user/*.*` for `user/Messaging.write`, and across both versions of SMART:
 * `read` is `rs`, `write` is `cud`, `*` is `cruds`. Several of one context may do so together, such as `user/*.c` and `user/Messaging.ud`. A granted
 * scope that a query narrows covers only what the same query narrows. An event's scope without a context (`Messaging.write`) is covered in any one.
 *
 * @param granted - the scopes as the token response lists them, separated by blanks.
 * @see {@link https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources} SMART scopes, versions 1 and 2
 * @example missingScopes('patient/*.read', submitServiceRequest) // ['patient/Messaging.write', …]: any one of them would do
 */
export function missingScopes(granted: string, event: AnyEvent): readonly string[] {
  const all = granted.split(/\s+/);
  const isGranted = (wanted: string): boolean => ['', 'patient/', 'user/', 'system/'].some((context) => isCovered(context + wanted, all));
  return event.scopes.some(isGranted) ? [] : event.scopes;
}

function isCovered(wanted: string, granted: readonly string[]): boolean {
  const want = partsOf(wanted);
  if (want === undefined) {
    return granted.includes(wanted);
  }
  const letters = granted
    .map(partsOf)
    .filter((have) => have?.context === want.context && ['*', want.resource].includes(have.resource) && [undefined, want.query].includes(have.query))
    .map((have) => have?.letters)
    .join('');
  return Array.from(want.letters).every((letter) => letters.includes(letter));
}

/** The parts of a scope for resources; the letters are those of version 2: create, read, update, delete, search. */
function partsOf(scope: string) {
  const [, context, resource = '', access = '', query] = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.(\*|read|write|(?=[a-z])c?r?u?d?s?)(\?.+)?$/.exec(scope) ?? [];
  return context === undefined ? undefined : { context, resource, letters: ofVersion1.get(access) ?? access, query };
}

const ofVersion1: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
]);
