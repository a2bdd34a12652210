import { isError, issueTarget } from '@fhir-messaging/core';
import type { BundleGraph, GraphEntry, Issue, Link } from '@fhir-messaging/core';
import { useId, useSyncExternalStore } from 'react';
import type { ReactElement } from 'react';
import { layoutInColumns, layoutInOneColumn } from './graph-layout.ts';
import type { Box } from './graph-layout.ts';
import { linkPath } from './link-path.ts';
import { nameInWords } from '../words/name-in-words.ts';
import type { ResourceName } from '../words/name-in-words.ts';

interface GraphPictureProps {
  /** What the message is to do. */
  readonly what: 'referral' | 'change';
  readonly graph: BundleGraph;
  readonly issues: readonly Issue[];
  /** The keys of the entries that were edited. */
  readonly changed: ReadonlySet<string>;
}

const wide = matchMedia('(min-width: 60rem)');

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}

/** A message as a picture: what goes along, and what refers to what. The list below it says the same in words. */
export function GraphPicture({ what, graph, issues, changed }: GraphPictureProps): ReactElement {
  const isWide = useSyncExternalStore(subscribe, () => wide.matches);
  const { width, height, boxes } = isWide ? layoutInColumns(graph) : layoutInOneColumn(graph);
  const title = useId();
  const links = graph.entries.flatMap(({ key }) => graph.linksFrom(key)).filter(({ target }) => target !== undefined);

  const markOf = (entry: GraphEntry): Mark => {
    const own = issues.filter((issue) => issueTarget(issue, graph)?.entry.key === entry.key);
    return own.some(isError) ? 'error' : changed.has(entry.key) ? 'changed' : own.length > 0 ? 'hint' : 'plain';
  };

  return (
    <figure className="graph">
      <svg viewBox={`0 0 ${width} ${height}`} style={{ maxWidth: `${width}px` }} role="img" aria-labelledby={title}>
        <title id={title}>{`${graph.size} parts and ${links.length} references between them. The list below says the same in words.`}</title>
        <defs>
          <marker id={`${title}-end`} viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M 0 0 L 8 4 L 0 8 z" className="arrow" />
          </marker>
        </defs>
        {links.map((link) => {
          const [from, to] = [boxes.get(link.from), boxes.get(link.target ?? '')];
          return from && to && <path key={`${link.from} ${link.path}`} className="link" d={linkPath(from, to)} markerEnd={`url(#${title}-end)`} />;
        })}
        {graph.entries.map((entry) => {
          const box = boxes.get(entry.key);
          return box && <EntryBox key={entry.key} box={box} name={nameInWords(entry.resource, what)} mark={markOf(entry)} />;
        })}
      </svg>
      <figcaption>
        <details>
          <summary>The same in words</summary>
          <LinksInWords what={what} graph={graph} links={links} />
        </details>
      </figcaption>
    </figure>
  );
}

type Mark = 'plain' | 'changed' | 'hint' | 'error';

const marks = { plain: '', changed: ' · changed', hint: ' · see the note', error: ' · to mend' } as const;

function EntryBox({ box: { x, y, width, height }, name: { what, which }, mark }: { readonly box: Box; readonly name: ResourceName; readonly mark: Mark }): ReactElement {
  // A letter is about 7.2 units wide at this size.
  const room = Math.floor((width - 20) / 7.2);
  return (
    <g className={`entry ${mark}`}>
      <rect x={x} y={y} width={width} height={height} rx="7" />
      <text x={x + 10} y={y + 19} className="what">
        {what}
        {marks[mark]}
      </text>
      <text x={x + 10} y={y + 36}>
        {which.length > room ? `${which.slice(0, room - 1)}…` : which}
      </text>
    </g>
  );
}

function LinksInWords({ what: message, graph, links }: { readonly what: 'referral' | 'change'; readonly graph: BundleGraph; readonly links: readonly Link[] }): ReactElement {
  const name = (key: string): string => {
    const { what, which } = nameInWords(graph.get(key), message);
    return which === '' ? what : `${what} (${which})`;
  };
  return (
    <ul>
      {graph.entries.map(({ key }) => {
        const own = [...new Set(links.filter(({ from }) => from === key).map(({ target = '' }) => name(target)))];
        return (
          <li key={key}>
            {name(key)}
            {own.length > 0 && ` refers to ${own.join(', ')}`}
          </li>
        );
      })}
    </ul>
  );
}
