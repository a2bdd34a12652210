import type { AnyEvent } from '../event/event-contract.ts';

/**
 * The scopes of an event of which not one was granted; none when any of them was, or when the event takes no scope.
 *
 * A scope covers another with `*` for the resource or the access, as in `user/*.*` for `user/Messaging.write`.
 *
 * @param granted - the scopes as the token response lists them, separated by blanks.
 * @see {@link https://hl7.org/fhir/smart-app-launch/1.0.0/scopes-and-launch-context/} SMART scopes, version 1
 */
export function missingScopes(granted: string, event: AnyEvent): readonly string[] {
  const all = granted.split(/\s+/);
  return event.scopes.some((wanted) => all.some((scope) => covers(scope, wanted))) ? [] : event.scopes;
}

function covers(scope: string, wanted: string): boolean {
  const [have, want] = [scope, wanted].map((text) => /^(patient|user|system)\/([A-Za-z*]+)\.([a-z*]+)$/.exec(text));
  if (!have || !want) {
    return scope === wanted;
  }
  return have[1] === want[1] && (have[2] === '*' || have[2] === want[2]) && (have[3] === '*' || have[3] === want[3]);
}
