import type { Issue } from '../../fhir/issue.ts';
import type { ReleaseRules } from '../../fhir/release.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { CheckRuleId } from '../../fhir/rule-id.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import type { GraphState } from '../../graph/graph-state.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { ruleTable } from './rule-table.ts';

/** A message under check, and where the rules report. Looking at it copies no resource. */
export interface CheckContext {
  readonly graph: BundleGraph<Resource>;
  readonly state: GraphState;
  readonly releaseRules: ReleaseRules;
  readonly mode: ResolutionMode;
  readonly report: Report;
}

/** Reports the breach of a rule: its place, as FHIRPath, and the detail that the rule's sentence leaves open. */
export type Report = (rule: CheckRuleId, expression: string, detail?: string) => void;

/** The issue of a broken rule, in a list; the list is empty where the mode does not report the rule. */
export function issueOf(rule: CheckRuleId, mode: ResolutionMode, expression?: string, detail = 'resource'): readonly Issue[] {
  const [code, sentence, strict = 'error', lenient = 'warning'] = ruleTable[rule];
  const severity = mode === 'strict' ? strict : lenient;
  const diagnostics = sentence.replace('{}', () => detail);
  return severity === 'off' ? [] : [{ severity, code, rule, ...(expression !== undefined && { expression: [expression] }), diagnostics }];
}

/** Whether a value is FHIR's `id` (datatypes.html#id). */
export function isId(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value);
}

/** Whether a path in a MessageHeader is that of a Reference in its focus, and not inside such a Reference. */
export function isFocus(path: string): boolean {
  return /^MessageHeader\.focus\[\d+\]$/.test(path);
}

/** Where the MessageHeader stands in the Bundle. */
export const headerPath = 'Bundle.entry[0].resource';

/** Where an entry stands in the Bundle, or a member of it. */
export function entryPath(position: number, member?: string): string {
  const at = `Bundle.entry[${position}]`;
  return member === undefined ? at : `${at}.${member}`;
}

/** A path inside an entry's resource (`Patient.contact[0]`) as a path from the Bundle; without one, the resource's own. */
export function pathInBundle(position: number, path = ''): string {
  const dot = path.indexOf('.');
  return entryPath(position, 'resource') + (dot < 0 ? '' : path.slice(dot));
}
