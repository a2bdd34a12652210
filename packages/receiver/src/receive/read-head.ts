import { bytesIn, isReply, safeReadMessage } from '@fhir-messaging/core';
import type { Message, MessageInput } from '@fhir-messaging/core';
import { parseBytes } from './parse-bytes.ts';
import type { Circumstances } from './reception.ts';

/**
 * The head of a message that cannot be read as a whole: a message of the same ids, event and source, without content, which can be answered.
 *
 * @returns `undefined` where these cannot be read either, or the message is a response.
 */
export function readHead(input: MessageInput, { limits }: Pick<Circumstances, 'limits'>): Message | undefined {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : bytesIn(input);
  const { entry, id, identifier } = membersOf(bytes ? parseBytes(bytes, true, limits)?.content : input);
  const entries: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const { fullUrl, resource } = membersOf(entries[0]);
  const { resourceType, id: headerId, eventCoding, eventUri, eventCanonical, source, response } = membersOf(resource);
  const header = { resourceType, id: headerId, eventCoding, eventUri, eventCanonical, source, response };
  const { message } = safeReadMessage({ resourceType: 'Bundle', id, identifier, type: 'message', entry: [{ fullUrl, resource: header }] }, { limits });
  return message && !isReply(message) ? message : undefined;
}

/** The members of an object; none of anything else. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
