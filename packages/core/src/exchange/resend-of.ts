import { changedMessage, isJson } from '../message/changed-message.ts';
import { envelopeIds } from '../message/identity.ts';
import type { ResendRule } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { GraphState } from '../graph/graph-state.ts';
import { stateOf } from '../graph/graph-value.ts';

/**
 * The message as a resend has it: the very same, or under a fresh `Bundle.id`, or a fresh `Bundle.identifier` too.
 *
 * Only the ids change in its bytes: FHIR's decimals do not survive being parsed. A message whose bytes are no JSON stays the very same.
 */
export function resendOf(message: Message, rule: ResendRule, newId: () => string): Message {
  if (rule === 'same' || !isJson(message)) {
    return message;
  }
  const ids = envelopeIds(newId(), rule === 'new-message');
  const { envelope, records, mode, index } = stateOf(message.graph);
  const state = new GraphState({ ...envelope, ...ids }, records, mode, index);
  return changedMessage(message, state, Object.entries(ids).map(([name, id]) => [[name], id]));
}
