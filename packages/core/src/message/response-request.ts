import { isResponseRequest } from '../fhir/codes.ts';
import type { ResponseRequest } from '../fhir/codes.ts';
import { member, objectsIn } from '../fhir/json.ts';
import { stateOf } from '../graph/graph-value.ts';
import type { Message } from './message.ts';

/** The extension by which a message says when it wants a reply. */
export const responseRequestUrl = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';

/**
 * When a message wants a reply message: as its own extension says, else its contract.
 *
 * @param contract - what the contract says, of a message that was read without it. @defaultValue what the message's own says, else `always`
 * @see {@link https://hl7.org/fhir/R4/extension-messageheader-response-request.html} messageheader-response-request
 */
export function responseRequestOf({ graph, event }: Message, contract: ResponseRequest = event?.reply ?? 'always'): ResponseRequest {
  const own = objectsIn(member(stateOf(graph).header, 'extension')).find((extension) => extension['url'] === responseRequestUrl)?.['valueCode'];
  return isResponseRequest(own) ? own : contract;
}

/** Whether a reply message is wanted for an outcome. */
export function wantsReply(request: ResponseRequest, outcome: 'ok' | 'error'): boolean {
  return request === 'always' || request === (outcome === 'ok' ? 'on-success' : 'on-error');
}
