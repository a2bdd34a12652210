import { eventNameOf } from '@fhir-messaging/core';
import { firstIn, member, textIn } from './json.ts';

/** The facts in a message's body that a broker's properties may repeat. */
export interface MessageFacts {
  /** The number of the release that the header is written in, where it shows one: 4 is R4 and R4B, which are written alike. */
  readonly release: '4' | '5' | undefined;
  /** All names of the message: R4 `MessageHeader.id`, R5 `Bundle.identifier`, and those that others use. */
  readonly ids: readonly string[];
  /** `Bundle.id`: this transmission. */
  readonly envelopeId: string | undefined;
  /** The request's id that a reply quotes; `undefined` for a message that is no reply. */
  readonly answers: string | undefined;
  /** The event: `system#code`, or its URI. */
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** `Bundle.timestamp`. */
  readonly time: string | undefined;
  /** The first focus, as it is referred to. */
  readonly subject: string | undefined;
  /** `response.code` of a reply. */
  readonly responseCode: string | undefined;
}

/** The facts of a message Bundle, in R4 and in R5; no facts for anything else. */
export function factsOf(bundle: unknown): MessageFacts {
  const entry = firstIn(bundle, 'entry');
  const header = member(entry, 'resource');
  const fullUrl = textIn(entry, 'fullUrl');
  const envelopeId = textIn(bundle, 'id');
  const ids = [textIn(header, 'id'), textIn(member(bundle, 'identifier'), 'value'), envelopeId, fullUrl?.startsWith('urn:') === true ? fullUrl : undefined];
  const response = member(header, 'response');
  const quoted = member(response, 'identifier');
  return {
    release: releaseOf(header),
    ids: ids.filter((id) => id !== undefined),
    envelopeId,
    answers: textIn(response, 'identifier') ?? textIn(quoted, 'value'),
    type: typeOf(header),
    source: addressIn(member(header, 'source')),
    destination: addressIn(firstIn(header, 'destination')),
    time: textIn(bundle, 'timestamp'),
    subject: textIn(firstIn(header, 'focus'), 'reference'),
    responseCode: textIn(response, 'code'),
  };
}

/** By the elements that one release alone has; where both have left one, R4's counts, as it does where a message is read. */
function releaseOf(header: unknown): MessageFacts['release'] {
  const destination = member(header, 'destination');
  const destinations: readonly unknown[] = Array.isArray(destination) ? destination : [destination];
  const places = [member(header, 'source'), ...destinations];
  const has = (name: string): boolean => places.some((place) => member(place, name) !== undefined);
  if (has('endpoint') || member(header, 'eventUri') !== undefined) return '4';
  return has('endpointUrl') || has('endpointReference') || member(header, 'eventCanonical') !== undefined ? '5' : undefined;
}

function typeOf(header: unknown): string | undefined {
  const { coding, uri } = eventNameOf(header) ?? {};
  return coding?.code === undefined ? uri : coding.system === undefined ? coding.code : `${coding.system}#${coding.code}`;
}

/** An element's address, under R4's or R5's name. */
function addressIn(element: unknown): string | undefined {
  return textIn(element, 'endpoint') ?? textIn(element, 'endpointUrl');
}
