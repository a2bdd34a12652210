import type { Message } from '@fhir-messaging/core';
import { keyedDigest } from './keyed-digest.ts';
import { factsOf } from './message-facts.ts';
import { patientBehind } from './patient-behind.ts';

/** How messages are ordered among each other. */
export interface OrderingOptions {
  /**
   * The application's secret, at least 16 bytes, the same for all who send to one queue. With it, messages that name one patient alike (by the
   * identifier that comes first in alphabetical order, else `Patient/id`) share a key, which says nothing of the patient to anyone without the secret.
   * @defaultValue none: the key is of the focus's reference, never of a patient
   */
  readonly orderingSecret?: string | Uint8Array<ArrayBuffer> | undefined;
  /**
   * Gives a text to order by in place of the patient. It is hashed with `orderingSecret`, which it needs, since the text may be a patient's number.
   * Throws a MessagingError, `message.invalid`, where the message can never go; after any other error it is asked again at the next attempt.
   */
  readonly orderBy?: ((message: Message) => string | undefined) | undefined;
}

/**
 * Makes ordering keys: HMAC-SHA-256 with the application's secret over the patient behind the focus; without a secret SHA-256 over the focus's
 * reference, which is never that of a Patient. The message's source counts where there is neither.
 *
 * A key is 64 hexadecimal digits, and never random: messages of one key keep their order where the broker keeps it.
 *
 * @throws {TypeError} when the secret is shorter than 16 bytes, or there is an `orderBy` and no secret.
 */
export function orderingKeys(options: OrderingOptions): (message: Message) => Promise<string> {
  const { orderBy } = options;
  const secret = requireSoundSecret(options);
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

/**
 * The secret's bytes, where there is one. A transport asks before it begins to listen, which nobody could end after an error.
 *
 * @throws {TypeError} when the secret is shorter than 16 bytes, or there is an `orderBy` and no secret.
 */
export function requireSoundSecret({ orderingSecret, orderBy }: OrderingOptions): Uint8Array<ArrayBuffer> | undefined {
  const secret = typeof orderingSecret === 'string' ? new TextEncoder().encode(orderingSecret) : orderingSecret;
  if (secret !== undefined && secret.byteLength < 16) {
    throw new TypeError('orderingSecret: at least 16 bytes are needed.');
  }
  if (secret === undefined && orderBy !== undefined) {
    throw new TypeError('orderBy: orderingSecret is needed with it. A hash without a secret tells the number of a patient to whoever tries them all.');
  }
  return secret;
}
