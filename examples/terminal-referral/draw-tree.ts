import type { BundleGraph, Resource } from '@fhir-messaging/core';
import { styleText } from 'node:util';
import { printable } from './print.ts';

/** How deep a branch goes before it goes on below, by itself. */
const maxDepth = 30;

/** A graph as a tree for the terminal, from the header along its references; what was drawn before is only named, and what the header does not lead to, or not so soon, stands apart. */
export function drawTree(graph: BundleGraph<Resource>): readonly string[] {
  const [header] = graph.entries;
  if (header === undefined) {
    return ['(no entries)'];
  }
  const drawn = new Set<string>();
  const lines = branch(graph, header.key, drawn, '');
  const apart = graph.entries.filter(({ key }) => !drawn.has(key)).flatMap(({ key }) => (drawn.has(key) ? [] : ['', nameOf(graph, key), ...branch(graph, key, drawn, '')]));
  return [nameOf(graph, header.key), ...lines, ...apart];
}

function branch(graph: BundleGraph<Resource>, key: string, drawn: Set<string>, indent: string, depth = 1): readonly string[] {
  drawn.add(key);
  const links = graph.linksFrom(key);
  return links.flatMap((link, index) => {
    const last = index === links.length - 1;
    const label = styleText('gray', printable(link.path.slice(link.path.indexOf('.') + 1)));
    const start = `${indent}${last ? '└─' : '├─'} ${label} `;
    if (link.target === undefined) {
      return [`${start}${styleText('yellow', `${printable(link.reference ?? 'an identifier')} (${link.reason})`)}`];
    }
    const known = drawn.has(link.target);
    if (known || depth === maxDepth) {
      return [`${start}${nameOf(graph, link.target)}${styleText('gray', known ? ' ↑' : ' ↓')}`];
    }
    return [`${start}${nameOf(graph, link.target)}`, ...branch(graph, link.target, drawn, `${indent}${last ? '   ' : '│  '}`, depth + 1)];
  });
}

function nameOf(graph: BundleGraph<Resource>, key: string): string {
  const type = graph.get(key)?.resourceType ?? 'no resource';
  const id = key.startsWith('urn:uuid:') ? `${key.slice('urn:uuid:'.length, 'urn:uuid:'.length + 8)}…` : key.split('/').at(-1);
  return `${styleText('bold', printable(type))} ${printable(id ?? key)}`;
}
