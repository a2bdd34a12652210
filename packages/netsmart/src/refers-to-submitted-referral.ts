import type { BundleGraph, Issue, Resource } from '@fhir-messaging/core';

/**
 * An update names its referral by an http URL (rule `netsmart.update-target`): under any other URI nobody could tell which one it means. No rule can
 * know whether the URL is the server's own, and not that of the record it was submitted from: adopt the reply to the submission first.
 */
export function refersToSubmittedReferral(graph: BundleGraph<Resource>): readonly Issue[] {
  return graph.entries.flatMap((entry, position): Issue[] =>
    // The fullUrl first: reading a resource copies it.
    entry.fullUrl !== undefined && !/^https?:/i.test(entry.fullUrl) && entry.resource?.resourceType === 'ServiceRequest'
      ? [
          {
            severity: 'error',
            code: 'business-rule',
            rule: 'netsmart.update-target',
            expression: [`Bundle.entry[${position}].fullUrl`],
            diagnostics: "An update names its ServiceRequest by the server's own URL; adopt the reply to its submission first.",
          },
        ]
      : [],
  );
}
