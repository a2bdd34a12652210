import { eventNameOf } from '@fhir-messaging/core';
import { firstIn, member, textIn } from './json.ts';

/** The facts in a message's body that a broker's properties may repeat. */
export interface MessageFacts {
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

function typeOf(header: unknown): string | undefined {
  const { coding, uri } = eventNameOf(header) ?? {};
  return coding?.code === undefined ? uri : coding.system === undefined ? coding.code : `${coding.system}#${coding.code}`;
}

/** An element's address, under R4's or R5's name. */
function addressIn(element: unknown): string | undefined {
  return textIn(element, 'endpoint') ?? textIn(element, 'endpointUrl');
}
