import { base64url } from './pkce.ts';

/** Signs identity tokens, with a key that ends with its process. */
export interface IdTokenSigner {
  /** The public key, for `jwks_uri`. */
  readonly keys: readonly object[];
  sign(claims: object): Promise<string>;
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/**
 * A signer with a fresh key: RS256, which every SMART app has to understand.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-identity-data} Identity data
 */
export async function createIdTokenSigner(): Promise<IdTokenSigner> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify']);
  const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
  const kid = 'sandbox';
  return {
    keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }],
    async sign(claims) {
      const signed = [{ alg: 'RS256', typ: 'JWT', kid }, claims].map((part) => base64url(encode(JSON.stringify(part)))).join('.');
      const signature = await crypto.subtle.sign(algorithm, privateKey, encode(signed));
      return `${signed}.${base64url(new Uint8Array(signature))}`;
    },
  };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
