import { isObject, member } from '../fhir/json.ts';
import type { Release } from '../fhir/release.ts';

/**
 * The release that a header is written in, as far as it shows: R5 where it has what only R5 has, else R4, which R4B equals. An `eventUri`,
 * which R5 has not, says R4 whatever the rest says: there are R4 replies that quote an Identifier.
 */
export function detectRelease(header: unknown): Release {
  const source = member(header, 'source');
  const isR5 =
    member(header, 'eventCanonical') !== undefined ||
    member(source, 'endpointUrl') !== undefined ||
    member(source, 'endpointReference') !== undefined ||
    isObject(member(member(header, 'response'), 'identifier'));
  return isR5 && member(header, 'eventUri') === undefined ? 'R5' : 'R4';
}
