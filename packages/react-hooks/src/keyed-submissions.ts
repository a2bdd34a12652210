import type { AnyEvent, BundleGraph, PayloadOf, Resource, Submission } from '@fhir-messaging/core';

/** A submission of any event. */
export type KeyedSubmission = Submission<PayloadOf<AnyEvent> | BundleGraph<Resource>, AnyEvent, Resource>;

/** The submissions that outlive their components, by event and key. */
export type KeyedSubmissions = Map<AnyEvent, Map<string | undefined, KeyedSubmission>>;
