import { isError } from '@fhir-messaging/core';
import type { BundleGraph, Issue, Link, Resource } from '@fhir-messaging/core';
import { html } from 'hono/html';
import { box, layoutGraph } from './graph-layout.ts';
import type { PlacedEntry } from './graph-layout.ts';
import type { Html } from './layout.ts';

/** A graph as a picture, with the issues on the entries that they name; the same is said in words below it. */
export function drawGraph(graph: BundleGraph<Resource>, issues: readonly Issue[]): Html {
  const { width, height, placed } = layoutGraph(graph);
  const links = graph.entries.flatMap(({ key }) => graph.linksFrom(key));
  return html`<div class="scroll" role="region" aria-label="Picture of the graph" tabindex="0">
      <svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="graph-title">
        <title id="graph-title">${graph.size} entries with ${links.length} references; the list below says the same.</title>
        ${links.map((link) => drawLink(link, placed))} ${graph.entries.map(({ key, resource }) => drawEntry(placed.get(key), resource?.resourceType ?? 'no resource', issues))}
      </svg>
    </div>
    <details id="references">
      <summary>The references in words</summary>
      <ul>
        ${links.map((link) => html`<li><code>${nameOf(graph, link.from)}</code> <code>${elementOf(link)}</code> → ${link.target === undefined ? html`${link.reference ?? 'an identifier'} (${link.reason})` : html`<code>${nameOf(graph, link.target)}</code>`}</li>`)}
      </ul>
    </details>`;
}

/** An entry in a word: its type and the end of its URL. */
export function nameOf(graph: BundleGraph<Resource>, key: string): string {
  const type = graph.get(key)?.resourceType ?? '';
  return `${type} ${shortId(key)}`.trim();
}

function drawEntry(entry: PlacedEntry | undefined, type: string, issues: readonly Issue[]): Html {
  if (entry === undefined) {
    return html``;
  }
  const { x, y, key, position } = entry;
  const own = issues.filter(({ expression }) => new RegExp(`^Bundle\\.entry\\[${position}\\]`).test(expression?.[0] ?? ''));
  const [fill, stroke] = own.some(isError) ? ['#fde8e8', '#a01818'] : own.length > 0 ? ['#fdf6dd', '#8a6d00'] : ['#f3f6f9', '#4a5666'];
  const count = own.length === 0 ? '' : ` · ${own.length} ${own.length === 1 ? 'issue' : 'issues'}`;
  return html`<g>
    <title>${key}</title>
    <rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${fill}" stroke="${stroke}" />
    <text x="${x + 10}" y="${y + 19}" font-weight="600">${type}</text>
    <text x="${x + 10}" y="${y + 37}">${shortId(key)}${count}</text>
  </g>`;
}

function drawLink(link: Link, placed: ReadonlyMap<string, PlacedEntry>): Html {
  const [from, to] = [placed.get(link.from), link.target === undefined ? undefined : placed.get(link.target)];
  if (from === undefined || to === undefined) {
    return html``;
  }
  const forward = to.x > from.x;
  const [x1, y1] = [from.x + (forward ? box.width : 0), from.y + box.height / 2];
  const [x2, y2] = [to.x + (forward ? 0 : to.x === from.x ? 0 : box.width), to.y + box.height / 2];
  const bend = forward ? 40 : to.x === from.x ? -30 : -40;
  const end = forward || to.x === from.x ? x2 - 40 : x2 + 40;
  return html`<g>
    <title>${elementOf(link)}</title>
    <path d="M ${x1} ${y1} C ${x1 + bend} ${y1}, ${end} ${y2}, ${x2} ${y2}" fill="none" stroke="#6b7785" stroke-width="1.4" stroke-dasharray="${link.lenient ? '4 3' : 'none'}" />
    <circle cx="${x2}" cy="${y2}" r="3.5" fill="#4a5666" />
  </g>`;
}

function elementOf({ path }: Link): string {
  return path.slice(path.indexOf('.') + 1);
}

function shortId(key: string): string {
  return key.startsWith('urn:uuid:') ? `${key.slice('urn:uuid:'.length, 'urn:uuid:'.length + 8)}…` : (key.split('/').at(-1) ?? key).slice(0, 22);
}
