import { isResponseCode } from '../../fhir/codes.ts';
import { isError } from '../../fhir/issue.ts';
import { member, objectIn, objectsIn, textIn } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { BundleGraph } from '../../graph/bundle-graph.ts';
import { stateOf } from '../../graph/graph-value.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { isId } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const at = 'Bundle.entry[0].resource.response';

/** The rules of `MessageHeader.response`, where there is one (messaging.html#response). */
export function checkResponse(context: CheckContext): void {
  const { state, releaseRules, report } = context;
  const response = objectIn(state.header, 'response');
  if (response === undefined) {
    return;
  }
  const { identifier, code, details } = response;
  const form = releaseRules.responseIdentifier;
  if (form === 'id' ? !isId(identifier) : textIn(identifier, 'value') === undefined) {
    report('response.identifier', `${at}.identifier`, `an ${form}`);
  }
  if (!isResponseCode(code)) report('response.code', `${at}.code`);

  const outcome = outcomeAt(details, context.graph);
  if (details !== undefined && outcome === undefined) report('response.details', `${at}.details`);
  if (outcome === undefined && code === 'fatal-error') report('response.issues', `${at}.details`);
  if (code === 'ok' && objectsIn(member(outcome, 'issue')).some(isError)) report('response.severity', `${at}.code`);
}

/** The OperationOutcome that `response.details` leads to. */
export function outcomeAt(details: unknown, graph: BundleGraph<Resource>, mode?: ResolutionMode): Resource | undefined {
  const found = graph.resolve(textIn(details, 'reference') ?? '', { from: stateOf(graph).keyAt(0), mode });
  return 'resource' in found && found.resource.resourceType === 'OperationOutcome' ? found.resource : undefined;
}
