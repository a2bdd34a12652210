import { isObject, itemsOf, member } from '../fhir/json.ts';
import type { Release } from '../fhir/release.ts';

/**
 * The release that a header is written in, as far as it shows: R5 where it has an element that only R5 has, else R4, which R4B equals. An `eventUri` or
 * an `endpoint`, which R5 does not have, means R4 whatever else is there: some R4 replies quote an Identifier. A source without an address, which only
 * R5 may have, means R5 in a Bundle with an identifier, by which R5 knows messages.
 */
export function detectRelease(header: unknown, bundle?: unknown): Release {
  const source = member(header, 'source');
  const destination = member(header, 'destination');
  const places = [source, destination, ...itemsOf(destination)];
  const has = (name: string): boolean => places.some((place) => member(place, name) !== undefined);
  const isR5 =
    member(header, 'eventCanonical') !== undefined ||
    has('endpointUrl') ||
    has('endpointReference') ||
    isObject(member(member(header, 'response'), 'identifier')) ||
    (isObject(source) && isObject(member(bundle, 'identifier')));
  return isR5 && !has('endpoint') && member(header, 'eventUri') === undefined ? 'R5' : 'R4';
}
