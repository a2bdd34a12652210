import { groupBy } from '../fhir/groups.ts';
import type { Issue } from '../fhir/issue.ts';
import { isError } from '../fhir/issue.ts';
import { textIn } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { idIn, parseRestfulUrl } from '../reference/parse-reference.ts';
import type { BundleGraph, GraphEntry, Link } from './bundle-graph.ts';

/** The options of the picture. */
export interface MermaidOptions {
  /** Findings, each drawn on the entries that its `expression` names; one that names none stands on a dashed node for the Bundle. */
  readonly issues?: readonly Issue[] | undefined;
}

/**
 * A graph as a Mermaid flowchart: an entry is a node, a reference an arrow with its path, dotted where it leads nowhere, or only leniently.
 *
 * It shows types, ids, paths and rules, no other content. Nodes with an error are red, with a warning yellow.
 *
 * @see {@link https://mermaid.js.org/syntax/flowchart.html} Mermaid flowcharts
 * @example toMermaid(graph, { issues: checkMessage(graph.bundle) })
 */
export function toMermaid<TResource extends Resource>(graph: BundleGraph<TResource>, options: MermaidOptions = {}): string {
  const positions = new Map(graph.entries.map((entry, position) => [entry.key, position]));
  const marked = (options.issues ?? []).flatMap((issue) => nodesOf(issue, graph.size).map((node) => ({ node, issue })));
  const issuesAt = groupBy(marked, ({ node }) => node);
  const drawn = (node: string, label: string): string => `  ${node}["${label}${issuesAt.get(node)?.map(({ issue }) => issueLine(issue)).join('') ?? ''}"]`;
  const nodes = graph.entries.map((entry, position) => drawn(`e${position}`, labelOf(entry)));
  const links = graph.entries.flatMap((entry, position) =>
    graph.linksFrom(entry.key).map((link, index) => arrow(link, `e${position}`, positions, `x${position}_${index}`)),
  );
  const marks = [...issuesAt].flatMap(([node, found]) => {
    const worst = found.some(({ issue }) => isError(issue)) ? 'error' : found.some(({ issue }) => issue.severity === 'warning') ? 'warning' : undefined;
    return worst === undefined ? [] : [`  class ${node} ${worst}`];
  });
  return [
    'flowchart LR',
    ...nodes,
    ...(issuesAt.has(whole) ? [drawn(whole, 'Bundle'), `  style ${whole} stroke-dasharray: 4`] : []),
    ...links,
    ...(marks.length > 0 ? ['  classDef error fill:#fde8e8,stroke:#c0392b', '  classDef warning fill:#fdf6dd,stroke:#b7950b'] : []),
    ...marks,
    '',
  ].join('\n');
}

/** The node of the Bundle. */
const whole = 'bundle';

/** The nodes that an issue is drawn on. */
function nodesOf({ expression = [] }: Issue, size: number): readonly string[] {
  const positions = expression.map((path) => Number(/^Bundle\.entry\[(\d+)\]/.exec(path)?.[1])).filter((position) => position < size);
  return positions.length > 0 ? [...new Set(positions)].map((position) => `e${position}`) : [whole];
}

function labelOf(entry: GraphEntry<Resource>): string {
  const { resource, fullUrl, key } = entry;
  const restful = parseRestfulUrl(fullUrl);
  const id = (restful && idIn(restful.name)) ?? fullUrl?.replace(/^urn:(?:uuid|oid):/, '').slice(0, 13) ?? key;
  const type = resource === undefined ? 'no resource' : (textIn(resource, 'resourceType') ?? 'no type');
  return `${escape(type)}<br/>${escape(id)}`;
}

function arrow(link: Link, from: string, positions: ReadonlyMap<string, number>, outside: string): string {
  const label = escape(link.path.slice(link.path.indexOf('.') + 1));
  if (link.target !== undefined) {
    return `  ${from} ${link.lenient ? '-.->' : '-->'}|"${label}"| e${positions.get(link.target) ?? 0}`;
  }
  if (link.kind === 'contained') {
    return `  ${from} -->|"${label}"| ${from}`;
  }
  return `  ${from} -.->|"${label}"| ${outside}(["${escape(link.reason)}"])`;
}

function issueLine(issue: Issue): string {
  return `<br/>${isError(issue) ? '✗' : '!'} ${escape(issue.rule ?? issue.code)}`;
}

function escape(text: string): string {
  // A line break would end the statement, and the text after it would begin another.
  return text.replace(/[\p{Cc}\u2028\u2029"<>&#|[\]{}()`]/gu, (mark) => `#${mark.codePointAt(0) ?? 0};`);
}
