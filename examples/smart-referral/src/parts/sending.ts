import type { BundleGraph, Submission, SubmissionState } from '@fhir-messaging/core';

/** A submission, or updates, as this render sees it. */
export type Sending = Submission<BundleGraph> & { readonly state: SubmissionState };
