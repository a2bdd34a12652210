import { isMessagingError } from '../../errors.ts';
import type { AnyEvent, EventRule } from '../../event/event-contract.ts';
import { describeEvent } from '../../event/event-name.ts';
import type { Issue } from '../../fhir/issue.ts';
import { releases } from '../../fhir/release.ts';
import type { Release } from '../../fhir/release.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import { stateOf } from '../../graph/graph-value.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { detectRelease } from '../detect-release.ts';
import { checkBundle, checkEntries } from './bundle-rules.ts';
import { issueOf } from './check-context.ts';
import type { CheckContext, Report } from './check-context.ts';
import { checkEvent } from './event-rules.ts';
import { checkFullUrls } from './full-url-rules.ts';
import { checkHeader } from './header-rules.ts';
import { checkJson } from './json-rules.ts';
import { checkReach, checkReferences } from './reference-rules.ts';
import { checkResponse } from './response-rules.ts';

/** What a check is made against. */
export interface CheckOptions {
  /** The contract that the message has to keep. */
  readonly event?: AnyEvent | undefined;
  /** @defaultValue what the message looks like: R5 where it has what only R5 has, else R4 */
  readonly release?: Release | undefined;
  /** `strict` for what we write, `lenient` for what we read. @defaultValue 'strict' */
  readonly mode?: ResolutionMode | undefined;
}

const ruleSets = [checkBundle, checkEntries, checkFullUrls, checkJson, checkHeader, checkResponse, checkReferences, checkReach];

/** Every finding on a graph, in the order of the rules. @internal */
export function runChecks(graph: BundleGraph<Resource>, { event, release, mode = 'strict' }: CheckOptions = {}): readonly Issue[] {
  const issues: Issue[] = [];
  const report: Report = (rule, expression, detail) => {
    issues.push(...issueOf(rule, mode, expression, detail));
  };
  const state = stateOf(graph);
  if (state.envelope['resourceType'] !== 'Bundle') {
    report('bundle.resource', 'Bundle');
    return issues;
  }
  const context: CheckContext = { graph, state, releaseRules: releases[release ?? detectRelease(state.header, state.envelope)], mode, report };
  try {
    for (const check of ruleSets) check(context);
    if (event !== undefined) {
      checkEvent(context, event);
      // Not spread: there may be more issues than a call takes arguments.
      for (const issue of event.rules.flatMap((rule) => listOf(rule(graph), rule, event))) issues.push(issue);
    }
  } catch (error) {
    if (!isMessagingError(error) || error.code !== 'input.limit') {
      throw error;
    }
    report('input.limit', 'Bundle', error.message);
  }
  return issues;
}

/** What a rule of an event gives. @throws {TypeError} when that is no list, such as the promise of one. */
function listOf(given: readonly Issue[], rule: EventRule, event: AnyEvent): readonly Issue[] {
  const isList: boolean = Array.isArray(given);
  if (!isList) {
    throw new TypeError(`The rule "${rule.name}" of ${describeEvent(event)} gives no list of issues.`);
  }
  return given;
}
