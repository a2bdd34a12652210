import type { Message } from '@fhir-messaging/core';
import { keyedDigest } from './keyed-digest.ts';
import { factsOf } from './message-facts.ts';
import { patientBehind } from './patient-behind.ts';

/** What orders messages among each other. */
export interface OrderingOptions {
  /**
   * The application's secret, at least 16 bytes: with it, messages that name one patient alike (the identifier that comes first in alphabetical order, else
   * `Patient/id`) share a key, which says nothing of the patient to whoever does
   * not have it. The same for everyone who sends to one queue. @defaultValue none: the key is of the focus's reference, never of a patient
   */
  readonly orderingSecret?: string | Uint8Array<ArrayBuffer> | undefined;
  /** What is to be ordered, in place of the patient: hashed with `orderingSecret`, which it needs, since what it gives may be a patient's number. */
  readonly orderBy?: ((message: Message) => string | undefined) | undefined;
}

/**
 * Makes ordering keys: HMAC-SHA-256 with the application's secret over the patient behind the focus; without a secret SHA-256 over the
 * focus's reference, which is never that of a Patient. Where there is neither, the message's source.
 *
 * A key is 64 hexadecimal digits, and never random: messages of one key keep their order where the broker keeps it.
 *
 * @throws {TypeError} when the secret is shorter than 16 bytes, or there is an `orderBy` and no secret.
 */
export function orderingKeys({ orderingSecret, orderBy }: OrderingOptions): (message: Message) => Promise<string> {
  const secret = typeof orderingSecret === 'string' ? new TextEncoder().encode(orderingSecret) : orderingSecret;
  if (secret !== undefined && secret.byteLength < 16) {
    throw new TypeError('orderingSecret: at least 16 bytes are needed.');
  }
  if (secret === undefined && orderBy !== undefined) {
    throw new TypeError('orderBy: orderingSecret is needed with it. A hash without a secret tells the number of a patient to whoever tries them all.');
  }
  const digest = keyedDigest(secret);
  return async (message) => {
    const { subject, source = '' } = factsOf(message.bundle);
    if (secret === undefined) {
      const isPatient = message.graph.focus[0]?.resourceType === 'Patient' || /(^|\/)Patient\//.test(subject ?? '');
      return digest(isPatient ? source : (subject ?? source));
    }
    return digest(orderBy?.(message) ?? patientBehind(message) ?? subject ?? source);
  };
}
