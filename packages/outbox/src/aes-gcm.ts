import type { Seal } from '@fhir-messaging/core';

/** A key of WebCrypto's. */
export type AesKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Keys of an application's own, by name, and the one that new bytes are sealed with. */
export interface AesGcmOptions {
  readonly keyName: string;
  /** AES-GCM keys that may encrypt and decrypt; an old one stays as long as something is sealed with it. */
  readonly keys: Readonly<Record<string, AesKey>>;
}

const nonceBytes = 12;

/**
 * Seals by AES-GCM with WebCrypto, under a fresh nonce each time.
 *
 * Whoever reads the storage, and does not have the key, cannot read the messages. A key that the browser keeps, exportable or not, guards
 * against scripts that read the storage, not against anyone who holds the disk or runs code in the page.
 *
 * @throws {TypeError} when no key has the name `keyName`.
 * @example createOutbox({ store, messenger, account, seal: aesGcm({ keyName: '2026-11', keys: { '2026-11': key } }) })
 */
export function aesGcm({ keyName, keys }: AesGcmOptions): Seal {
  const keyOf = (name: string): AesKey | undefined => (Object.hasOwn(keys, name) ? keys[name] : undefined);
  const current = keyOf(keyName);
  if (current === undefined) {
    throw new TypeError(`aesGcm: there is no key "${keyName}" among the keys.`);
  }
  const algorithm = (iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(context) });
  return {
    keyName,
    async seal(bytes, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, context), current, bytes));
      const all = new Uint8Array(nonceBytes + sealed.length);
      all.set(nonce);
      all.set(sealed, nonceBytes);
      return all;
    },
    async open(bytes, name, context) {
      const key = keyOf(name);
      return key && new Uint8Array(await crypto.subtle.decrypt(algorithm(bytes.subarray(0, nonceBytes), context), key, bytes.subarray(nonceBytes)));
    },
  };
}
