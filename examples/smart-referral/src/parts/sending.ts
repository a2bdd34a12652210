import type { BundleGraph, Submission, SubmissionState } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';

/** A submission, or updates, as this render sees it. */
export type Sending = Submission<BundleGraph> & { readonly state: SubmissionState };
