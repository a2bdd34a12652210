import type { BundleGraph, Issue } from '@fhir-messaging/core';

/** An error for each reference of a resource that leads nowhere: named here, what has no server would be of this one, and no reply could echo the rest. */
export function unresolvedReferences(graph: BundleGraph): readonly Issue[] {
  return graph.unresolved().flatMap(({ from, path, kind }): Issue[] => {
    const position = graph.entries.findIndex(({ key }) => key === from);
    const expression = [`Bundle.entry[${position}].resource${path.slice(path.indexOf('.'))}`];
    const diagnostics = 'This leads nowhere. What the message does not carry is referred to by its URL on its server.';
    return position === 0 || kind === 'external' ? [] : [{ severity: 'error', code: 'business-rule', diagnostics, expression }];
  });
}
