import { eventNameOf } from '../../event/event-name.ts';
import { isResponseRequest } from '../../fhir/codes.ts';
import { isObject, itemsOf, member, textIn } from '../../fhir/json.ts';
import { responseRequestUrl } from '../response-request.ts';
import { headerPath, isId } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);
/** A number, or null, in place of a text is no reason to refuse a message. */
const isOneValue = (value: unknown): boolean => typeof value !== 'object' || value === null;
const shapes = [
  [isObject, 'one element', 'sender enterer author source responsible reason response contact target receiver details'],
  [isList, 'a list', 'destination focus extension'],
  [isOneValue, 'one text', 'definition name software version'],
] as const;
/** The shapes by name alone: elements of the header that share a name share their cardinality. */
const shapeOf = /* @__PURE__ */ new Map(/* @__PURE__ */ shapes.flatMap((shape) => shape[2].split(' ').map((name) => [name, shape])));

/** The cardinalities and types of MessageHeader's elements, by release (messageheader.html). */
export function checkHeader(context: CheckContext): void {
  const { state, releaseRules, report } = context;
  const { header } = state;
  if (header === undefined) {
    return;
  }
  const { source, response, destination } = header;
  const destinations = itemsOf(destination).map((party, index) => [`${headerPath}.destination[${index}]`, party] as const);
  const parties = [[`${headerPath}.source`, source] as const, ...destinations];
  for (const [at, element] of [[headerPath, header] as const, [`${headerPath}.response`, response] as const, ...parties]) {
    for (const [name, value] of isObject(element) ? Object.entries(element) : []) {
      const [fits, form] = shapeOf.get(name) ?? [];
      if (value !== undefined && fits?.(value) === false) report('header.shape', `${at}.${name}`, form);
    }
  }
  if (!releaseRules.enterer && header['enterer'] !== undefined) report('header.enterer', `${headerPath}.enterer`);

  const { eventUri, endpoint, endpointReference, endpointRequired } = releaseRules;
  const [named, another] = namesIn(header, /^event/);
  if (eventNameOf(header) === undefined || another !== undefined || (named !== 'eventCoding' && named !== eventUri)) {
    report('header.event', `${headerPath}.event`, eventUri);
  }
  itemsOf(header['extension']).forEach((extension, index) => {
    const isAsked = member(extension, 'url') === responseRequestUrl;
    if (isAsked && !isResponseRequest(member(extension, 'valueCode'))) report('header.response-request', `${headerPath}.extension[${index}]`);
  });
  for (const [at, party] of parties) {
    const named = namesIn(party, /^endpoint/);
    const misplaced = named.length > 1 || named.some((name) => name !== endpoint && name !== endpointReference);
    const missing = (endpointRequired || member(party, endpoint) !== undefined) && textIn(party, endpoint) === undefined;
    if (isObject(party) && (misplaced || missing)) report('header.endpoint', `${at}.${endpoint}`);
  }
  if (source === undefined) report('header.source', `${headerPath}.source`);
  if (destinations.length === 0) report('header.destination', `${headerPath}.destination`);
  checkIdentity(context);
}

/** The names of an element's members; one that is `undefined` is not there, as in JSON. */
function namesIn(element: unknown, which: RegExp): readonly string[] {
  return isObject(element) ? Object.keys(element).filter((name) => which.test(name) && element[name] !== undefined) : [];
}

/** The ids that name the message (messaging.html#reliable): without them a resend cannot be told from a new message. */
function checkIdentity({ state: { envelope, header }, releaseRules: { identity }, report }: CheckContext): void {
  const isR5 = identity === 'Bundle.identifier';
  if ((isR5 ? textIn(envelope['identifier'], 'value') : textIn(header, 'id')) === undefined) {
    report('identity.message', isR5 ? identity : `${headerPath}.id`);
  }
  if (!isR5 && textIn(envelope, 'id') === undefined) report('identity.envelope', 'Bundle.id');
  for (const [resource, at] of [
    [envelope, 'Bundle.id'],
    [header, `${headerPath}.id`],
  ] as const) {
    const id = member(resource, 'id');
    if (id !== undefined && !isId(id)) report('identity.format', at);
  }
}
