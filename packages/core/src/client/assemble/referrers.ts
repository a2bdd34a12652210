import type { AnyEvent } from '../../event/event-contract.ts';
import type { Issue } from '../../fhir/issue.ts';
import { objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { referencesOf } from '../../reference/walk-references.ts';
import type { Answer, Ask } from './level-reading.ts';
import type { Lead, Target } from './target.ts';

/** Resources on a page: more than servers give by default, and not more than they take. */
const mostOnPage = 100;

/** The searches for what refers to the focus, as the event's `revinclude` says. */
export function searchesFor(event: AnyEvent, focus: Target): readonly Ask[] {
  return event.revinclude.map((link) => ({ server: focus.server, url: `${link.replace(':', '?')}=${focus.name}&_count=${mostOnPage}`, target: undefined }));
}

/** What a search found: resources that do refer to the focus, and an issue where they cannot be all. */
export interface Referrers {
  readonly resources: readonly JsonObject[];
  readonly issues: readonly Issue[];
}

/** Reads the answer to a search. A server may ignore a parameter that it does not know, so only resources with an id that refer to the focus count. */
export function readReferrers({ url }: Ask, answer: Answer, focus: Target, lead: Lead): Referrers {
  const type = url.slice(0, url.indexOf('?'));
  if ('failure' in answer) {
    return { resources: [], issues: [{ ...incomplete(type, 'could not be searched for'), code: answer.failure }] };
  }
  const found = objectsIn(objectsIn(answer.resource['entry']).map((entry) => entry['resource']));
  const ofType = found.filter((resource) => resource['resourceType'] === type);
  const resources = ofType.filter((resource) => lead(`${type}/${textIn(resource, 'id') ?? ''}`, focus.server) && referencesOf(resource).some(({ literal }) => literal !== undefined && lead(literal, focus.server)?.key === focus.key));
  return {
    resources,
    issues: [
      ...(hasNextPage(answer.resource) ? [incomplete(type, 'are more than one page: the first was taken')] : []),
      ...(resources.length < ofType.length ? [incomplete(type, 'came with others, left out')] : []),
    ],
  };
}

/** Whether a searchset is not the last page of its search. */
export function hasNextPage(searchset: JsonObject): boolean {
  return objectsIn(searchset['link']).some(({ relation }) => relation === 'next');
}

/** The issue that not all resources which refer to the focus were taken. */
export function incomplete(type: string, what: string): Issue {
  return { severity: 'warning', code: 'incomplete', rule: 'assemble.revinclude', expression: [type], diagnostics: `The ${type} resources that refer to the focus ${what}.` };
}
