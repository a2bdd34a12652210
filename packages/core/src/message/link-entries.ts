import type { Issue } from '../fhir/issue.ts';
import { member, textIn } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { parseReference, parseRestfulUrl, withVersion } from '../reference/parse-reference.ts';
import type { ParsedReference } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { referencesOf } from '../reference/walk-references.ts';
import { issueOf, pathInBundle } from './check/check-context.ts';
import type { ComposedEntry } from './compose-entries.ts';

type RelativeReference = Extract<ParsedReference, { form: 'relative' }>;

/** What is linked: further elements of the header, and the entries that follow it. */
export interface Linked {
  readonly header: JsonObject;
  readonly entries: readonly ComposedEntry[];
}

/**
 * The same with references rewritten where the rules would not find the resource that is meant (bundle.html#references).
 *
 * A relative reference means the server that its resource came from. Where that is known (a `fullUrl` on it, or `base`) it stays, or
 * becomes absolute; where it is not, it means the one given resource of that type and id.
 */
export function linkEntries({ header, entries }: Linked, base: string | undefined): Linked & { issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const names = new GivenNames(entries);
  const first = { fullUrl: '', resource: { ...header, resourceType: 'MessageHeader' } };
  const [linkedHeader, ...linked] = [first, ...entries].map((entry, position): ComposedEntry => {
    const ownBase = parseRestfulUrl(entry.fullUrl)?.base;
    const rewrites = new Map<string, string>();
    for (const { path, literal } of referencesOf(entry.resource)) {
      const parsed = parseReference(literal ?? '');
      if (parsed.form !== 'relative' || (ownBase !== undefined && names.has(`${ownBase}${parsed.type}/${parsed.id}`))) {
        continue;
      }
      const meant = names.meantBy(parsed, ownBase ?? base);
      if (meant.length > 1) {
        issues.push(...issueOf('reference.ambiguous', 'strict', pathInBundle(position, path)));
        continue;
      }
      const target = meant[0];
      if (target !== undefined) {
        const rewritten = literalFor(target, parsed.version);
        if (rewritten !== undefined) {
          rewrites.set(path, rewritten);
        }
      } else if (ownBase === undefined && base !== undefined) {
        rewrites.set(path, withVersion(`${base}${parsed.type}/${parsed.id}`, parsed.version));
      }
    }
    return { fullUrl: entry.fullUrl, resource: rewriteReferences(entry.resource, rewrites) };
  });
  return { header: linkedHeader?.resource ?? header, entries: linked, issues };
}

/** A `urn:` has no versions, so a versioned reference becomes a plain one only where the given resource is that version. */
function literalFor({ fullUrl, resource }: ComposedEntry, version: string | undefined): string | undefined {
  if (version === undefined || parseRestfulUrl(fullUrl) !== undefined) {
    return withVersion(fullUrl, version);
  }
  return textIn(member(resource, 'meta'), 'versionId') === version ? fullUrl : undefined;
}

/** The given resources by what a relative reference may call them. */
class GivenNames {
  readonly #byFullUrl = new Map<string, ComposedEntry>();
  readonly #withoutServer = new Map<string, ComposedEntry[]>();
  readonly #byEnding = new Map<string, ComposedEntry[]>();

  constructor(entries: readonly ComposedEntry[]) {
    for (const entry of entries) {
      this.#byFullUrl.set(entry.fullUrl, entry);
      const restful = parseRestfulUrl(entry.fullUrl);
      if (restful === undefined) {
        add(this.#withoutServer, nameOf(entry.resource), entry);
      } else {
        add(this.#byEnding, `${restful.type}/${restful.id}`, entry);
      }
    }
  }

  has(fullUrl: string): boolean {
    return this.#byFullUrl.has(fullUrl);
  }

  /** What a relative reference means: on a known server that one or one of no server, else any of that name. */
  meantBy({ type, id }: RelativeReference, base: string | undefined): readonly ComposedEntry[] {
    const name = `${type}/${id}`;
    const onServer = base === undefined ? undefined : this.#byFullUrl.get(`${base}${name}`);
    if (onServer !== undefined) {
      return [onServer];
    }
    const elsewhere = base === undefined ? (this.#byEnding.get(name) ?? []) : [];
    return [...(this.#withoutServer.get(name) ?? []), ...elsewhere];
  }
}

function nameOf(resource: JsonObject): string {
  return `${textIn(resource, 'resourceType') ?? ''}/${textIn(resource, 'id') ?? ''}`;
}

function add(table: Map<string, ComposedEntry[]>, name: string, entry: ComposedEntry): void {
  const known = table.get(name);
  if (known === undefined) {
    table.set(name, [entry]);
  } else {
    known.push(entry);
  }
}
