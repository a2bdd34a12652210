import type { ResponseRequest } from '../fhir/codes.ts';
import { itemsOf, member } from '../fhir/json.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { GraphState } from '../graph/graph-state.ts';
import { stateOf } from '../graph/graph-value.ts';
import { changedMessage } from './changed-message.ts';
import type { Message } from './message.ts';
import { responseRequestUrl } from './response-request.ts';

/**
 * The message with the extension that says when it wants a reply, under the same ids; the same message where it says so already. Bytes that are
 * JSON change in nothing else.
 *
 * @see {@link https://hl7.org/fhir/R4/extension-messageheader-response-request.html} messageheader-response-request
 */
export function withResponseRequest(message: Message, valueCode: ResponseRequest): Message {
  const { envelope, records, mode } = stateOf(message.graph);
  const [header, ...others] = records;
  const own = { url: responseRequestUrl, valueCode };
  const given = itemsOf(header?.glimpse['extension']);
  const found = given.findIndex((extension) => member(extension, 'url') === responseRequestUrl);
  if (header === undefined || member(given[found], 'valueCode') === valueCode) {
    return message;
  }
  const position = found < 0 ? given.length : found;
  const extension = [...given.slice(0, position), own, ...given.slice(position + 1)];
  const path = ['entry', 0, 'resource', 'extension'];
  const entry = { ...header.entry, resource: { ...header.resource, extension } };
  const state = new GraphState(envelope, [new EntryRecord(entry), ...others], mode);
  return changedMessage(message, state, [given.length === 0 ? [path, extension] : [[...path, position], own]]);
}
