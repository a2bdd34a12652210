import type { BundleGraph, Issue, Resource } from '@fhir-messaging/core';

/**
 * An update names its referral by the server's id (rule `netsmart.update-target`): under a `urn:` nobody could tell which one it means.
 */
export function refersToSubmittedReferral(graph: BundleGraph<Resource>): readonly Issue[] {
  return graph.entries.flatMap(({ resource, fullUrl }, position): Issue[] => {
    const isReferral = resource?.resourceType === 'ServiceRequest';
    return isReferral && fullUrl?.startsWith('urn:') === true
      ? [
          {
            severity: 'error',
            code: 'business-rule',
            rule: 'netsmart.update-target',
            expression: [`Bundle.entry[${position}].fullUrl`],
            diagnostics: "An update names its ServiceRequest by the server's own URL; adopt the reply to its submission first.",
          },
        ]
      : [];
  });
}
