import { eventNameOf } from '../../event/event-name.ts';
import { isObject, itemsOf, member, objectsIn, textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { readIdentity, r4, r5 } from '../identity.ts';
import type { CheckContext } from './check-context.ts';
import { responseRequestUrl } from '../response-request.ts';

const header0 = 'Bundle.entry[0].resource';
const single = ['eventCoding', 'sender', 'enterer', 'author', 'source', 'responsible', 'reason', 'response'];
const repeated = ['destination', 'focus', 'extension'];
const requests: readonly unknown[] = ['always', 'on-error', 'never', 'on-success'];

/** The cardinalities and types of MessageHeader's elements, by release (messageheader.html). */
export function checkHeader(context: CheckContext): void {
  const { header, release, report } = context;
  if (header === undefined) {
    return;
  }
  for (const name of single) {
    if (Object.hasOwn(header, name) && !isObject(header[name])) {
      report('header.shape', `${header0}.${name}`, `MessageHeader.${name} is one element.`);
    }
  }
  for (const name of repeated) {
    if (Object.hasOwn(header, name) && (!Array.isArray(header[name]) || !header[name].every(isObject))) {
      report('header.shape', `${header0}.${name}`, `MessageHeader.${name} is a list of elements.`);
    }
  }
  if (release === 'R5' && Object.hasOwn(header, 'enterer')) {
    report('header.enterer', `${header0}.enterer`, 'R5 has no MessageHeader.enterer.');
  }
  checkEventName(header, context);
  checkEndpoints(header, context);
  checkResponseRequest(header, context);
  checkIdentity(context);
}

function checkEventName(header: JsonObject, { releaseRules, report }: CheckContext): void {
  const { eventUri } = releaseRules;
  const named = ['eventCoding', 'eventUri', 'eventCanonical'].filter((name) => Object.hasOwn(header, name));
  if (eventNameOf(header) === undefined) {
    report('header.event', `${header0}.event`, `A MessageHeader names its event: eventCoding with a code, or ${eventUri}.`);
  } else if (named.length > 1) {
    report('header.event', `${header0}.event`, `A MessageHeader names its event once; here it has ${named.join(' and ')}.`);
  } else if (named[0] !== 'eventCoding' && named[0] !== eventUri) {
    report('header.event', `${header0}.${named[0] ?? 'event'}`, `In this release the event's URI stands in ${eventUri}.`);
  }
}

function checkEndpoints(header: JsonObject, { releaseRules, report }: CheckContext): void {
  const { endpoint, endpointReference, endpointRequired } = releaseRules;
  const check = (holder: unknown, at: string): void => {
    const reference = endpointReference !== undefined && isObject(member(holder, endpointReference));
    const given = textIn(holder, endpoint) !== undefined || reference;
    const misplaced = ['endpoint', 'endpointUrl', 'endpointReference'].find(
      (name) => name !== endpoint && name !== endpointReference && member(holder, name) !== undefined,
    );
    if (misplaced !== undefined) {
      report('header.endpoint', `${at}.${misplaced}`, `In this release the address stands in ${endpoint}.`);
    } else if (!given && endpointRequired) {
      report('header.endpoint', `${at}.${endpoint}`, `The address of the ${at.includes('source') ? 'source' : 'destination'} is missing.`);
    }
  };
  if (isObject(header['source'])) {
    check(header['source'], `${header0}.source`);
  } else if (!Object.hasOwn(header, 'source')) {
    report('header.source', `${header0}.source`, 'A MessageHeader has a source: who sends, and where replies go.');
  }
  const destinations = itemsOf(header['destination']);
  destinations.forEach((destination, index) => {
    check(destination, `${header0}.destination[${index}]`);
  });
  if (destinations.length === 0) {
    report('header.destination', `${header0}.destination`, 'The message names no destination; it can be routed by its address only.');
  }
}

function checkResponseRequest(header: JsonObject, { report }: CheckContext): void {
  objectsIn(header['extension']).forEach((extension, index) => {
    if (extension['url'] === responseRequestUrl && !requests.includes(extension['valueCode'])) {
      const at = `${header0}.extension[${index}]`;
      report('header.response-request', at, 'The response request is one of always, on-error, never, on-success, as valueCode.');
    }
  });
}

/** What names the message (messaging.html#reliable): without it a resend cannot be told from a new message. */
function checkIdentity({ bundle, records, header, releaseRules, report }: CheckContext): void {
  const { identity } = releaseRules;
  const entry = records[0]?.entryGlimpse;
  const { message, ids } = readIdentity(bundle, entry, identity === 'Bundle.identifier' ? r5 : r4);
  if (!ids.some(({ source }) => source === identity)) {
    const instead = message === undefined ? 'Nothing else names it either.' : 'Another of its ids stands in for it.';
    report('identity.message', identity === 'Bundle.identifier' ? identity : `${header0}.id`, `The message has no ${identity}. ${instead}`);
  }
  if (identity === 'MessageHeader.id' && textIn(bundle, 'id') === undefined) {
    report('identity.envelope', 'Bundle.id', 'The message has no Bundle.id: its transmissions cannot be told apart.');
  }
  for (const [id, at] of [[bundle['id'], 'Bundle.id'], [header?.['id'], `${header0}.id`]] as const) {
    if (id !== undefined && !(typeof id === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(id))) {
      report('identity.format', at, 'An id is 1 to 64 letters, digits, hyphens and dots.');
    }
  }
}
