import type { ResponseRequest } from '../fhir/codes.ts';
import { objectsIn } from '../fhir/json.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { GraphState } from '../graph/graph-state.ts';
import { graphFrom, stateOf } from '../graph/graph-value.ts';
import { assembleMessage } from './message.ts';
import type { Message } from './message.ts';
import { responseRequestUrl } from './response-request.ts';

/**
 * The message with the extension that says when it wants a reply, under the same ids; itself where it says so already.
 *
 * @see {@link https://hl7.org/fhir/R4/extension-messageheader-response-request.html} messageheader-response-request
 */
export function withResponseRequest(message: Message, valueCode: ResponseRequest): Message {
  const { envelope, records, mode } = stateOf(message.graph);
  const [header, ...others] = records;
  const extensions = objectsIn(header?.glimpse['extension']);
  if (header === undefined || extensions.some((extension) => extension['url'] === responseRequestUrl && extension['valueCode'] === valueCode)) {
    return message;
  }
  const extension = [...extensions.filter(({ url }) => url !== responseRequestUrl), { url: responseRequestUrl, valueCode }];
  const entry = { ...header.entry, resource: { ...header.resource, extension } };
  const { event, release, issues } = message;
  return assembleMessage({ event, graph: graphFrom(new GraphState(envelope, [new EntryRecord(entry), ...others], mode)), release, issues });
}
