import type { BundleGraph, NamedEntry, ReplyContent } from '@fhir-messaging/core';

/** The reply as Netsmart's: the resources, under the URLs that they have now. */
export function echo(graph: BundleGraph): ReplyContent {
  const named = graph.entries.slice(1).flatMap(({ fullUrl, resource }): NamedEntry[] => (fullUrl !== undefined && resource ? [{ fullUrl, resource }] : []));
  const isFocus = ({ resource }: NamedEntry): boolean => ['ServiceRequest', 'QuestionnaireResponse'].includes(resource.resourceType);
  return { focus: named.filter(isFocus), include: named.filter((entry) => !isFocus(entry)) };
}

/** A reply that says that the message, as it is, will never be taken. */
export function refusal(code: 'not-found' | 'duplicate' | 'business-rule', diagnostics: string): ReplyContent {
  return { code: 'fatal-error', issues: [{ severity: 'error', code, diagnostics }] };
}

/** A reply that says that the message may be taken later. */
export function notNow(): ReplyContent {
  return { code: 'transient-error', issues: [{ severity: 'error', code: 'transient', diagnostics: 'A fault of the sandbox: not processed, send it again.' }] };
}
