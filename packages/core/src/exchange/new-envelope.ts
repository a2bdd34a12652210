import { envelopeIds } from '../message/identity.ts';
import type { ResendRule } from '../message/identity.ts';
import { assembleMessage } from '../message/message.ts';
import type { Message } from '../message/message.ts';
import { GraphState } from '../graph/graph-state.ts';
import { graphFrom, stateOf } from '../graph/graph-value.ts';

/** The message as a resend has it: the very same, or under a fresh `Bundle.id`, or a fresh `Bundle.identifier` too. */
export function resendOf(message: Message, rule: ResendRule, newId: () => string): Message {
  if (rule === 'same') {
    return message;
  }
  const { envelope, records, mode, index } = stateOf(message.graph);
  const { id, identifier = envelope['identifier'] } = envelopeIds(newId(), rule === 'new-message');
  const renamed = { ...envelope, id, identifier };
  const { event, release, issues } = message;
  return assembleMessage({ event, graph: graphFrom(new GraphState(renamed, records, mode, index)), release, issues });
}
