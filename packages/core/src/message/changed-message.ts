import type { GraphState } from '../graph/graph-state.ts';
import { graphFrom } from '../graph/graph-value.ts';
import { madeOf } from '../graph/made-of.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { setInJson } from './set-in-json.ts';
import type { JsonPath } from './set-in-json.ts';

/** A value of a message, and what it becomes. */
export type Change = readonly [path: JsonPath, value: unknown];

/** Whether a message's bytes are JSON; else only a tolerant parser could read them. */
export function isJson({ issues }: Message): boolean {
  return issues.every(({ rule }) => rule !== 'json.tolerant');
}

/** The message with some of its values changed. Bytes that are JSON change in these values alone; any others are written anew. */
export function changedMessage(message: Message, state: GraphState, changes: readonly Change[]): Message {
  const { event, release, issues } = message;
  const graph = madeOf(graphFrom(state), message.graph);
  if (!isJson(message)) {
    return messageOf({ event, graph, release, issues });
  }
  const text = changes.reduce((before, [path, value]) => setInJson(before, path, value), new TextDecoder().decode(message.bytes));
  return messageOf({ event, graph, release, issues, bytes: new TextEncoder().encode(text) });
}
