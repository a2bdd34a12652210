import { isMessagingError } from '../../errors.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import type { Issue } from '../../fhir/issue.ts';
import { isObject } from '../../fhir/json.ts';
import { releases } from '../../fhir/release.ts';
import type { Release } from '../../fhir/release.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import { stateOf } from '../../graph/graph-value.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { detectRelease } from '../detect-release.ts';
import { checkBundle, checkEntries } from './bundle-rules.ts';
import { issueOf } from './check-context.ts';
import type { CheckContext } from './check-context.ts';
import { checkEvent } from './event-rules.ts';
import { checkFullUrls } from './full-url-rules.ts';
import { checkHeader } from './header-rules.ts';
import { checkReach, checkReferences } from './reference-rules.ts';
import { checkResponse } from './response-rules.ts';
import type { RuleId } from './rule-table.ts';

/** What a check is made against. */
export interface CheckOptions {
  /** The contract that the message has to keep. */
  readonly event?: AnyEvent | undefined;
  /** @defaultValue what the message looks like: R5 where it has what only R5 has, else R4 */
  readonly release?: Release | undefined;
  /** `strict` for what we write, `lenient` for what we read. @defaultValue 'strict' */
  readonly mode?: ResolutionMode | undefined;
}

/** Every finding on a graph, in the order of the rules. @internal */
export function runChecks(graph: BundleGraph<Resource>, options: CheckOptions = {}): readonly Issue[] {
  const issues: Issue[] = [];
  const mode = options.mode ?? 'strict';
  const report = (rule: RuleId, expression: string, diagnostics: string): void => {
    const issue = issueOf(rule, mode, expression, diagnostics);
    if (issue !== undefined) {
      issues.push(issue);
    }
  };
  const { envelope, records } = stateOf(graph);
  if (envelope['resourceType'] !== 'Bundle') {
    report('bundle.resource', 'Bundle', 'A message is a Bundle; this is none.');
    return issues;
  }
  const header = records[0]?.type === 'MessageHeader' ? records[0].glimpse : undefined;
  const release = options.release ?? detectRelease(header);
  const context: CheckContext = {
    graph,
    bundle: envelope,
    records,
    positions: new Map(graph.entries.map(({ key }, position) => [key, position])),
    header: isObject(header) ? header : undefined,
    event: options.event,
    release,
    releaseRules: releases[release],
    mode,
    report,
  };
  try {
    checkBundle(context);
    checkEntries(context);
    checkFullUrls(context);
    checkHeader(context);
    checkResponse(context);
    checkReferences(context);
    checkReach(context);
    if (options.event !== undefined) {
      checkEvent(context, options.event);
    }
  } catch (error) {
    if (!isMessagingError(error) || error.code !== 'input.limit') {
      throw error;
    }
    report('input.limit', 'Bundle.entry', error.message);
    return issues;
  }
  return [...issues, ...(options.event?.rules.flatMap((rule) => rule(graph)) ?? [])];
}
