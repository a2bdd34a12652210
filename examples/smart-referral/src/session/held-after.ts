import { adoptReply } from '@fhir-messaging/core';
import type { BundleGraph } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';

/** What the referral manager holds after a message: its graph, under the names that the reply gave; before there is one, as it was queued. */
export function heldAfter({ content }: QueuedMessage): BundleGraph | undefined {
  return content?.message && content.reply ? adoptReply(content.message, content.reply).graph : content?.graph;
}
