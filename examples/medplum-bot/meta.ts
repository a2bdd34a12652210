import type { Coding, Meta, Resource } from '@medplum/fhirtypes';

/** The identifiers that are the ids of messages, each behind its sender's reference. */
export const messageIds = 'https://harbor.example.org/message-ids';

const isMessageId = ({ system }: Coding): boolean => system === messageIds;

/** Whether a resource of ours came by a message. */
export function isFromMessage({ meta }: Resource): boolean {
  return meta?.tag?.some(isMessageId) ?? false;
}

/** Whether it came by this one. */
export function isOfMessage({ meta }: Resource, messageId: string): boolean {
  return meta?.tag?.some((one) => isMessageId(one) && one.code === messageId) ?? false;
}

/** What of `meta` is its sender's to say, and kept: profiles, security labels, and tags but for the ids of messages. */
export function keptOf({ profile, security, tag = [] }: Meta = {}): Meta | undefined {
  const tags = tag.filter((one) => !isMessageId(one));
  const kept: Meta = { ...(profile && { profile }), ...(security && { security }), ...(tags.length > 0 && { tag: tags }) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** What its sender says, and by what the resource is recognised: the URL that its first sender gave it, and the message that it came by. */
export function metaOf(sent: Meta | undefined, { source, tag = [] }: Meta): Meta {
  const kept = keptOf(sent);
  return { ...kept, ...(source !== undefined && { source }), tag: [...(kept?.tag ?? []), ...tag.filter(isMessageId)] };
}
