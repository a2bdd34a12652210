import { adoptReply, readMessage, readReply } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, Message, Submitted } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import type { FhirResource } from 'fhir/r4';

/** A message that was sent from this tab, as text that survives a reload: its bytes, and those of its reply. */
export interface SentMessage {
  /** The order that it is about: the URL of the ServiceRequest in the record. */
  readonly order: string;
  readonly text: string;
  /** The reply message, once it was processed; empty where it was processed without one. */
  readonly replyText?: string | undefined;
}

/** A message that was processed. */
export type AnsweredMessage = SentMessage & { readonly replyText: string };

/** The message itself: read from the same text, it has the same ids and the same bytes. */
export function messageOf({ text }: Pick<SentMessage, 'text'>): Message<AnyEvent | undefined, FhirResource> {
  const message: Message<undefined> = readMessage(new TextEncoder().encode(text));
  return message;
}

/** A message that was processed, with its reply, as `useUpdateMessage` takes it. */
export function submittedOf(sent: AnsweredMessage): Submitted<FhirResource> {
  const message = messageOf(sent);
  if (sent.replyText === '') {
    return { message, reply: { kind: 'processed', issues: [], http: undefined, attempts: 1 } };
  }
  const { code, ...reading } = readReply(sent.replyText, { request: message, identity: netsmart });
  return { message, reply: { kind: code, ...reading, pinned: false, http: undefined, attempts: 1 } };
}

/** What the referral manager holds since then: the message's graph, under the names that its reply gave. */
export function heldAfter({ message, reply }: Submitted<FhirResource>): BundleGraph {
  return 'message' in reply ? adoptReply(message, reply.message).graph : message.graph;
}
