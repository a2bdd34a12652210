import { isResponseCode } from '../../fhir/codes.ts';
import { isObject, objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { CheckContext } from './check-context.ts';

const at = 'Bundle.entry[0].resource.response';

/** The rules of `MessageHeader.response`, where there is one (messaging.html#response). */
export function checkResponse(context: CheckContext): void {
  const { header, releaseRules, report } = context;
  const response = header?.['response'];
  if (!isObject(response)) {
    return;
  }
  const { identifier, code } = response;
  if (releaseRules.responseIdentifier === 'id' ? !isId(identifier) : textIn(identifier, 'value') === undefined) {
    const form = releaseRules.responseIdentifier === 'id' ? 'an id, that of the request' : 'an Identifier, that of the request';
    report('response.identifier', `${at}.identifier`, `A reply says which request it answers; in this release by ${form}.`);
  }
  if (!isResponseCode(code)) {
    report('response.code', `${at}.code`, 'A reply has a code: ok, transient-error or fatal-error.');
  }
  const outcome = checkDetails(response, context);
  const failed = objectsIn(outcome?.['issue']).some(({ severity }) => severity === 'error' || severity === 'fatal');
  if (failed && code === 'ok') {
    report('response.severity', `${at}.code`, 'The details report an error, and the code is ok; it has to be an error code then.');
  }
  if (outcome === undefined && code === 'fatal-error') {
    report('response.issues', `${at}.details`, 'A fatal-error has to say what the issue is, and there are no details.');
  }
}

function checkDetails(response: JsonObject, { graph, positions, records, report }: CheckContext): JsonObject | undefined {
  const { details } = response;
  if (details === undefined) {
    return undefined;
  }
  const literal = textIn(details, 'reference');
  const from = graph.entries[0]?.key;
  const found = literal === undefined ? undefined : graph.resolve(literal, { from });
  const record = found?.kind === 'entry' ? records[positions.get(found.key) ?? -1] : undefined;
  if (record?.type !== 'OperationOutcome') {
    report('response.details', `${at}.details`, 'The details of a reply are an OperationOutcome in its Bundle.');
    return undefined;
  }
  return record.glimpse;
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/\s/.test(value);
}
