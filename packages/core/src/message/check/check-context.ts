import type { AnyEvent } from '../../event/event-contract.ts';
import type { Issue } from '../../fhir/issue.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { Release, ReleaseRules } from '../../fhir/release.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import type { EntryRecord } from '../../graph/entry-record.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { ruleTable } from './rule-table.ts';
import type { RuleId } from './rule-table.ts';

/** A message under check: what the rules look at, and where they report. Nothing in it makes copies of resources. */
export interface CheckContext {
  readonly graph: BundleGraph<Resource>;
  readonly bundle: JsonObject;
  readonly records: readonly EntryRecord[];
  /** Where each entry stands, by its key. */
  readonly positions: ReadonlyMap<string, number>;
  /** The first entry's resource, where that is a MessageHeader. */
  readonly header: JsonObject | undefined;
  readonly event: AnyEvent | undefined;
  readonly release: Release;
  readonly releaseRules: ReleaseRules;
  readonly mode: ResolutionMode;
  readonly report: (rule: RuleId, expression: string, diagnostics: string) => void;
}

/** The issue of a broken rule, or `undefined` where the mode does not report it. */
export function issueOf(rule: RuleId, mode: ResolutionMode, expression: string | undefined, diagnostics: string): Issue | undefined {
  const [, code, strict, lenient] = ruleTable[rule];
  const severity = mode === 'strict' ? strict : lenient;
  return severity === 'off' ? undefined : { severity, code, rule, ...(expression !== undefined && { expression: [expression] }), diagnostics };
}

/** Where an entry's resource stands in the Bundle. */
export function resourcePath(position: number): string {
  return `Bundle.entry[${position}].resource`;
}

/** A path inside a resource (`Patient.contact[0]`) as a path from the Bundle. */
export function pathInBundle(position: number, path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? resourcePath(position) : `${resourcePath(position)}${path.slice(dot)}`;
}

/** What an entry is called in a sentence: its type, and where it stands. */
export function nameOf(record: EntryRecord | undefined, position: number): string {
  return `${record?.type ?? 'The resource'} in entry ${position}`;
}
