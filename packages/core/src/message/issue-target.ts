import { only } from '../fhir/groups.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph, GraphEntry } from '../graph/bundle-graph.ts';

/** Where an issue points. */
export interface IssueTarget<TResource extends Resource> {
  readonly entry: GraphEntry<TResource>;
  /** The element, as a link's `path` has it (`ServiceRequest.performer[0]`); of what is about the entry, its resource's type alone. */
  readonly path: string;
}

const inMessage = /^Bundle\.entry\[(\d+)\](?:\.resource(?:\.ofType\((\w+)\))?(?=\.|$)(.*))?/;
const inResource = /^()(?!Bundle\b)(\w+)(?=\.|$)(.*)/;

/**
 * The entry and the element of a message that an issue points at, to show it at its field: by its first `expression`.
 *
 * A path from the Bundle counts the message's header as entry 0, also where the graph, as a draft's, has no header: `Bundle.entry[1]` is then the
 * graph's first entry. So the issues are to be those of a message, or of a draft with its event. A path from a resource, as servers say it, leads to
 * the one resource of that type.
 *
 * @returns `undefined` where nothing says for certain which entry that is.
 * @example issueTarget(issue, draft.getState().graph)?.path === 'ServiceRequest.subject'
 */
export function issueTarget<TResource extends Resource>({ expression }: Issue, graph: BundleGraph<TResource>): IssueTarget<TResource> | undefined {
  // HL7's validator says in comments which resources these are: `Bundle.entry[1].resource/*Patient/1*/.name`.
  const path = expression?.[0]?.replace(/(\]|\.resource)\/\*[^*]*\*\//g, '$1') ?? '';
  const [, position, said = '', steps = ''] = inMessage.exec(path) ?? inResource.exec(path) ?? [];
  const entry = position
    ? graph.entries[Number(position) - (graph.header ? 0 : 1)]
    : only(graph.entries.filter(({ resource }) => resource?.resourceType === said));
  const type = entry?.resource?.resourceType ?? '';
  return entry && (said || type) === type ? { entry, path: type + steps } : undefined;
}
