import type { Issue } from '../fhir/issue.ts';
import { EntryIndex } from '../graph/entry-index.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { withReferences } from '../graph/say-servers.ts';
import { parseReference, withVersion } from '../reference/parse-reference.ts';
import { locate } from '../reference/resolve-reference.ts';
import { issueOf, pathInBundle } from './check/check-context.ts';
import type { ComposedEntry } from './compose-entries.ts';

/** The content of a new message: further elements of its header, and the entries that follow it. */
export interface Content {
  readonly header: object | undefined;
  readonly records: readonly EntryRecord[];
  readonly issues: readonly Issue[];
}

/**
 * Copies of the given entries, with references rewritten where the rules would not find the resource that is meant (bundle.html#references).
 *
 * A relative reference means the server that its resource came from. It stays where the resource has a `fullUrl` on that server, and becomes
 * absolute with `base` alone; where neither is known, it means the one given resource of that type and id.
 */
export function linkEntries(given: readonly ComposedEntry[], header: object | undefined, base: string | undefined): Content {
  const entries = given.map((entry) => new EntryRecord(entry));
  const content = linkRecords(entries, new Set(entries), header, base);
  return { ...content, records: content.records.map((record) => record.freeze()) };
}

/** The same of some of the entries, and of the header; all others stay the same objects. */
export function linkRecords(entries: readonly EntryRecord[], linked: ReadonlySet<EntryRecord>, header: object | undefined, base: string | undefined): Content {
  const issues: Issue[] = [];
  const index = new EntryIndex(entries);
  const first = new EntryRecord({ resource: { ...header, resourceType: 'MessageHeader' } });
  const [linkedHeader, ...records] = [first, ...entries].map((entry, position): EntryRecord => {
    const rewrites = new Map<string, string>();
    const isLinked = entry === first || (linked.has(entry) && !entry.restful);
    for (const { path, literal = '' } of isLinked ? entry.references : []) {
      const parsed = parseReference(literal);
      if (parsed.form !== 'relative') {
        continue;
      }
      const located = locate(literal, base, base === undefined ? 'lenient' : 'strict', index);
      if (located.kind === 'ambiguous') {
        issues.push(...issueOf('reference.ambiguous', 'strict', pathInBundle(position, path)));
      } else if (located.kind === 'entry') {
        // A `urn:` has no versions: the given resource is the version that was asked for.
        const { fullUrl = '', restful } = entries[located.position] ?? {};
        rewrites.set(path, withVersion(fullUrl, restful && parsed.version));
      } else if (located.kind === 'external') {
        rewrites.set(path, located.url ?? literal);
      }
    }
    return withReferences(entry, rewrites);
  });
  return { header: linkedHeader?.resource, records, issues };
}
