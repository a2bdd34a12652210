import type { AnyEvent, BundleGraph, PayloadOf, Resource, Submission } from '@fhir-messaging/core';

/** A submission of any event. */
export type KeyedSubmission = Submission<PayloadOf<AnyEvent> | BundleGraph<Resource>, AnyEvent, Resource>;

/** The submissions that outlive their components, by event and key. */
export interface KeyedSubmissions {
  readonly of: (event: AnyEvent, key: string, make: () => KeyedSubmission) => KeyedSubmission;
}

/** Keeps submissions for as long as it is kept itself. */
export function keyedSubmissions(): KeyedSubmissions {
  const byEvent = new Map<AnyEvent, Map<string, KeyedSubmission>>();
  return {
    of(event, key, make) {
      const byKey = byEvent.get(event) ?? new Map<string, KeyedSubmission>();
      const submission = byKey.get(key) ?? make();
      byEvent.set(event, byKey.set(key, submission));
      return submission;
    },
  };
}
