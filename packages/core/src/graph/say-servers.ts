import { parseReference } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import type { Rewrites } from '../reference/rewrite-references.ts';
import { EntryRecord } from './entry-record.ts';

/**
 * The entries, with the server written into some of their relative references: a lenient reader would take an entry that is on no server for the
 * target of one that leads out of the Bundle, when they have the same type and id.
 *
 * @param isMistaken - whether to write the server into a reference, by its `Type/id` and by its URL on the server of its entry.
 */
export function sayServers(records: readonly EntryRecord[], isMistaken: (name: string, url: string) => boolean): readonly EntryRecord[] {
  return records.map((record) => {
    const { restful } = record;
    const rewrites = new Map<string, string>();
    for (const { path, literal = '' } of restful ? record.references : []) {
      const parsed = parseReference(literal);
      if (restful && parsed.form === 'relative' && isMistaken(parsed.name, restful.base + parsed.name)) {
        rewrites.set(path, restful.base + literal);
      }
    }
    return withReferences(record, rewrites);
  });
}

/** The entry with some of its references rewritten; itself where there are none. */
export function withReferences(record: EntryRecord, rewrites: Rewrites): EntryRecord {
  return rewrites.size === 0 ? record : new EntryRecord({ ...record.entryGlimpse, resource: rewriteReferences(record.glimpse, rewrites) }).freeze();
}
