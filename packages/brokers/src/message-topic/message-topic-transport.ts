import { isError, MessagingError, processMessageTransport, readOperationOutcome } from '@fhir-messaging/core';
import type { ProcessMessageTransportOptions, Transport } from '@fhir-messaging/core';
import { messagePostPath } from './subscription-channel.ts';

/** The topic, and its server, that messages are posted to. */
export interface MessageTopicTransportOptions extends Pick<ProcessMessageTransportOptions, 'baseUrl' | 'fetch' | 'headers' | 'redirectOrigins' | 'maxBodyBytes'> {
  /** The id of the MessageTopic. */
  readonly topicId: string;
}

/**
 * Sends messages to a topic through a FHIR server that has `MessageTopic/{id}/$message-post`: the message, to the byte, in Parameters `input`.
 *
 * A success says only that the server's broker has the message: the send resolves with `accepted`, and a reply comes another way. A lost answer and a
 * resend put the message on the topic twice, under the same ids: its receiver has to recognise it.
 *
 * @throws {MessagingError} `transport.unsupported` where a reply is to go to an address of its own, for which the operation has no parameter;
 * `transport.status` where a success has an OperationOutcome with an error; the errors of `processMessageTransport`.
 * @example createMessenger({ transport: messageTopicTransport({ baseUrl, topicId, headers: { authorization: basicCredentials(clientId, secret) } }) })
 */
export function messageTopicTransport(options: MessageTopicTransportOptions): Transport {
  const { baseUrl, fetch, headers, redirectOrigins, maxBodyBytes, topicId } = options;
  const post = processMessageTransport({ baseUrl, fetch, headers, redirectOrigins, maxBodyBytes, path: messagePostPath(topicId) });
  return async function postToTopic({ bytes, message, attempt, responseUrl, onLeaving, signal }) {
    if (responseUrl !== undefined) {
      throw new MessagingError('transport.unsupported', '$message-post has no way to say where a reply goes: nothing was sent.', { delivery: 'no' });
    }
    const receipt = await post({ bytes: asInput(bytes), message, attempt, onLeaving, signal });
    const { status = 0, body } = receipt;
    const isSuccess = status >= 200 && status < 300;
    const issues = readOperationOutcome(body) ?? [];
    if (isSuccess && issues.some(isError)) {
      throw new MessagingError('transport.status', `The server answered ${status}, and an error beside it.`, { status, issues, delivery: 'unknown' });
    }
    return isSuccess ? { ...receipt, custody: true } : receipt;
  };
}

const head: Uint8Array = new TextEncoder().encode('{"resourceType":"Parameters","parameter":[{"name":"input","resource":');
const tail: Uint8Array = new TextEncoder().encode('}]}');

/** The message in Parameters, without parsing it: decimals would not survive. */
function asInput(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hasMark = message[0] === 0xef && message[1] === 0xbb && message[2] === 0xbf;
  const text = hasMark ? message.subarray(3) : message;
  const whole = new Uint8Array(head.byteLength + text.byteLength + tail.byteLength);
  whole.set(head);
  whole.set(text, head.byteLength);
  whole.set(tail, head.byteLength + text.byteLength);
  return whole;
}
