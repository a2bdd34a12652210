/** A text's SHA-256, or with a secret its HMAC-SHA-256, of its UTF-8, in hexadecimal. */
export type KeyedDigest = (text: string) => string | Promise<string>;

/**
 * The platform's digest: Node's where there is one, which answers at once, since the wait for Web Crypto's threads is longer than the digest takes;
 * else Web Crypto's.
 */
export function keyedDigest(secret: Uint8Array<ArrayBuffer> | undefined, platform: object = globalThis): KeyedDigest {
  const process: unknown = Reflect.get(platform, 'process');
  const node = hasBuiltinModules(process) ? process.getBuiltinModule('node:crypto') : undefined;
  if (!isNodeCrypto(node)) {
    return secret === undefined ? sha256 : hmacWith(secret);
  }
  return (text) => (secret === undefined ? node.hash('sha256', text) : node.createHmac('sha256', secret).update(text).digest('hex'));
}

async function sha256(text: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

function hmacWith(secret: Uint8Array<ArrayBuffer>): KeyedDigest {
  let key: ReturnType<typeof crypto.subtle.importKey> | undefined;
  return async (text) => {
    key ??= crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return hex(await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(text)));
  };
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface NodeCrypto {
  hash(algorithm: 'sha256', text: string): string;
  createHmac(algorithm: 'sha256', secret: Uint8Array): { update(text: string): { digest(encoding: 'hex'): string } };
}

function hasBuiltinModules(process: unknown): process is { getBuiltinModule(name: string): unknown } {
  return typeof process === 'object' && process !== null && 'getBuiltinModule' in process && typeof process.getBuiltinModule === 'function';
}

function isNodeCrypto(crypto: unknown): crypto is NodeCrypto {
  return typeof crypto === 'object' && crypto !== null && 'hash' in crypto && 'createHmac' in crypto;
}
