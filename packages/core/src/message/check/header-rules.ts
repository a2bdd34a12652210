import { eventNameOf } from '../../event/event-name.ts';
import { isResponseRequest } from '../../fhir/codes.ts';
import { isObject, isText, itemsOf, member, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
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
  const { header, releaseRules, report } = context;
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
    if (member(extension, 'url') === responseRequestUrl && !isResponseRequest(member(extension, 'valueCode'))) report('header.response-request', `${headerPath}.extension[${index}]`);
  });
  checkParties(header, context);
  checkIdentity(context);
}

function checkParties(header: JsonObject, { releaseRules, report }: CheckContext): void {
  const { endpoint, endpointReference, endpointRequired } = releaseRules;
  const check = (party: unknown, at: string): void => {
    const misplaced = endpoints.some((name) => name !== endpoint && name !== endpointReference && member(party, name) !== undefined);
    if (misplaced || (endpointRequired && textIn(party, endpoint) === undefined)) report('header.endpoint', `${at}.${endpoint}`);
  };
  if (isObject(header['source'])) {
    check(header['source'], `${headerPath}.source`);
  } else if (header['source'] === undefined) {
    report('header.source', `${headerPath}.source`);
  }
  const destinations = itemsOf(header['destination']);
  destinations.forEach((destination, index) => {
    check(destination, `${headerPath}.destination[${index}]`);
  });
  if (destinations.length === 0) report('header.destination', `${headerPath}.destination`);
}

/** What names the message (messaging.html#reliable): without it a resend cannot be told from a new message. */
function checkIdentity({ bundle, header, releaseRules, report }: CheckContext): void {
  const { identity } = releaseRules;
  const isR5 = identity === 'Bundle.identifier';
  if ((isR5 ? textIn(bundle['identifier'], 'value') : textIn(header, 'id')) === undefined) {
    report('identity.message', isR5 ? identity : `${headerPath}.id`);
  }
  if (!isR5 && textIn(bundle, 'id') === undefined) report('identity.envelope', 'Bundle.id');
  for (const [id, at] of [
    [bundle['id'], 'Bundle.id'],
    [header?.['id'], `${headerPath}.id`],
  ] as const) {
    if (id !== undefined && !isId(id)) report('identity.format', at);
  }
}
