import { eventNameOf } from '../../event/event-name.ts';
import { isResponseRequest } from '../../fhir/codes.ts';
import { isObject, isText, itemsOf, member, textIn } from '../../fhir/json.ts';
import { responseRequestUrl } from '../response-request.ts';
import { headerPath, isId } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);
const shapes = [
  [isObject, 'one element', ['eventCoding', 'sender', 'enterer', 'author', 'source', 'responsible', 'reason', 'response']],
  [isList, 'a list of elements', ['destination', 'focus', 'extension']],
  [isText, 'one canonical URL', ['definition']],
] as const;
const eventMembers = ['eventCoding', 'eventUri', 'eventCanonical'];
const endpoints = ['endpoint', 'endpointUrl', 'endpointReference'];

/** The cardinalities and types of MessageHeader's elements, by release (messageheader.html). */
export function checkHeader(context: CheckContext): void {
  const { state, releaseRules, report } = context;
  const { header } = state;
  if (header === undefined) {
    return;
  }
  for (const [fits, form, names] of shapes) {
    for (const name of names) {
      if (header[name] !== undefined && !fits(header[name])) report('header.shape', `${headerPath}.${name}`, form);
    }
  }
  if (!releaseRules.enterer && header['enterer'] !== undefined) report('header.enterer', `${headerPath}.enterer`);

  const { eventUri } = releaseRules;
  const named = eventMembers.filter((name) => header[name] !== undefined);
  if (eventNameOf(header) === undefined || named.length > 1 || (named[0] !== 'eventCoding' && named[0] !== eventUri)) {
    report('header.event', `${headerPath}.event`, eventUri);
  }
  itemsOf(header['extension']).forEach((extension, index) => {
    const isAsked = member(extension, 'url') === responseRequestUrl;
    if (isAsked && !isResponseRequest(member(extension, 'valueCode'))) report('header.response-request', `${headerPath}.extension[${index}]`);
  });
  const { endpoint, endpointReference, endpointRequired } = releaseRules;
  const destinations = itemsOf(header['destination']).map((party, index) => [`destination[${index}]`, party] as const);
  for (const [name, party] of [['source', header['source']] as const, ...destinations]) {
    const misplaced = endpoints.some((other) => other !== endpoint && other !== endpointReference && member(party, other) !== undefined);
    const missing = endpointRequired && textIn(party, endpoint) === undefined;
    if (isObject(party) && (misplaced || missing)) report('header.endpoint', `${headerPath}.${name}.${endpoint}`);
  }
  if (header['source'] === undefined) report('header.source', `${headerPath}.source`);
  if (destinations.length === 0) report('header.destination', `${headerPath}.destination`);
  checkIdentity(context);
}

/** What names the message (messaging.html#reliable): without it a resend cannot be told from a new message. */
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
