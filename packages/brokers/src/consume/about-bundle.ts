import { eventNameOf } from '@fhir-messaging/core';
import type { AboutMessage } from '@fhir-messaging/receiver';
import { firstIn, member, textIn } from '../mapping/json.ts';
import { factsOf } from '../mapping/message-facts.ts';

/** What the application is told of a message beside an error: `MessageHeader.id`, in R5 `Bundle.identifier`, else the first id that it has, whichever id the receiver goes by; its event and its sender. */
export function aboutBundle(bundle: object, sender: string | undefined): AboutMessage {
  const { release, ids } = factsOf(bundle);
  const identifier = release === '5' ? textIn(member(bundle, 'identifier'), 'value') : undefined;
  return { message: identifier ?? ids[0], event: eventNameOf(member(firstIn(bundle, 'entry'), 'resource')), sender };
}
