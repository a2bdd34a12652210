import type { Issue } from '../fhir/issue.ts';
import { EntryIndex } from '../graph/entry-index.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { parseReference, withVersion } from '../reference/parse-reference.ts';
import { locate } from '../reference/resolve-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { issueOf, pathInBundle } from './check/check-context.ts';
import type { ComposedEntry } from './compose-entries.ts';

/** What a message is written from: further elements of its header, and the entries that follow it. */
export interface Content {
  readonly header: object | undefined;
  readonly records: readonly EntryRecord[];
  readonly issues: readonly Issue[];
}

/**
 * What is given as entries of their own, with references rewritten where the rules would not find the resource that is meant
 * (bundle.html#references).
 *
 * A relative reference means the server that its resource came from. Where that is known (a `fullUrl` on it, or `base`) it stays, or
 * becomes absolute; where it is not, it means the one given resource of that type and id.
 *
 * @param foreign - those that are not from `base`, whatever they are called.
 */
export function linkEntries(given: readonly ComposedEntry[], header: object | undefined, base: string | undefined, foreign?: ReadonlySet<unknown>): Content {
  const issues: Issue[] = [];
  const entries = given.map((entry) => new EntryRecord(entry));
  const index = new EntryIndex(entries);
  const first = new EntryRecord({ resource: { ...header, resourceType: 'MessageHeader' } });
  const [linkedHeader, ...records] = [first, ...entries].map((entry, position): EntryRecord => {
    const ownBase = entry.restful?.base;
    const rewrites: [path: string, literal: string][] = [];
    for (const { path, literal = '' } of entry.references) {
      // The usual case first: it means its own server's, which is here.
      if (ownBase !== undefined && index.onServer(ownBase, literal) !== undefined) {
        continue;
      }
      const parsed = parseReference(literal);
      if (parsed.form !== 'relative' || (ownBase !== undefined && index.find('fullUrl', ownBase + parsed.name) !== undefined)) {
        continue;
      }
      const server = ownBase ?? (foreign?.has(given[position - 1]) ? undefined : base);
      const located = locate(literal, server, server === undefined ? 'lenient' : 'strict', index);
      if (located.kind === 'ambiguous') {
        issues.push(...issueOf('reference.ambiguous', 'strict', pathInBundle(position, path)));
      } else if (located.kind === 'entry') {
        // A `urn:` has no versions; what it names is the version that was asked for.
        const { fullUrl = '', restful } = entries[located.position] ?? {};
        rewrites.push([path, withVersion(fullUrl, restful && parsed.version)]);
      } else if (located.kind === 'external' && (ownBase === undefined || index.find('id', parsed.name) !== undefined)) {
        // Left relative, it would lead a lenient reader to the given resource of that id.
        rewrites.push([path, located.url ?? literal]);
      }
    }
    const linked = rewrites.length === 0 ? entry : new EntryRecord({ ...entry.entryGlimpse, resource: rewriteReferences(entry.glimpse, new Map(rewrites)) });
    return linked.freeze();
  });
  return { header: linkedHeader?.resource, records, issues };
}
