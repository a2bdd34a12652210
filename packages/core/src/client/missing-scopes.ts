import type { AnyEvent } from '../event/event-contract.ts';

/**
 * The scopes of an event when not one of them was granted; an empty list when one was, or when the event takes no scope.
 *
 * A scope covers another with `*` for the resource or the access, as in `user/*.*` for `user/Messaging.write`, and across both versions of SMART:
 * `read` is `rs`, `write` is `cud`, `*` is `cruds`. A scope that a query narrows covers only itself.
 *
 * @param granted - the scopes as the token response lists them, separated by blanks.
 * @see {@link https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources} SMART scopes, versions 1 and 2
 * @example missingScopes('patient/*.read', submitServiceRequest) // ['patient/Messaging.write', …]: any one of them would do
 */
export function missingScopes(granted: string, event: AnyEvent): readonly string[] {
  const all = granted.split(/\s+/);
  return event.scopes.some((wanted) => all.some((scope) => covers(scope, wanted))) ? [] : event.scopes;
}

function covers(scope: string, wanted: string): boolean {
  const [have, want] = [scope, wanted].map((text) => /^(patient|user|system)\/([A-Za-z*]+)\.(\*|read|write|(?=.)c?r?u?d?s?)$/.exec(text));
  if (!have || !want) {
    return scope === wanted;
  }
  return have[1] === want[1] && (have[2] === '*' || have[2] === want[2]) && new RegExp(`^[${interactions(have[3])}]+$`).test(interactions(want[3]));
}

/** The letters of an access in version 2: create, read, update, delete, search. */
function interactions(access = ''): string {
  return ofVersion1.get(access) ?? access;
}

const ofVersion1: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
]);
