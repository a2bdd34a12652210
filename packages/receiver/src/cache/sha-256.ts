/** SHA-256 of a text's UTF-8, in hexadecimal. */
export type Sha256 = (text: string) => string | Promise<string>;

/**
 * The platform's SHA-256: Node's `crypto.hash` where there is one, which answers at once, since the wait for Web Crypto's threads is longer than
 * the digest takes; else Web Crypto's.
 */
export function sha256On(platform: object): Sha256 {
  const process: unknown = Reflect.get(platform, 'process');
  const crypto = hasBuiltinModules(process) ? process.getBuiltinModule('node:crypto') : undefined;
  return hasHash(crypto) ? (text) => crypto.hash('sha256', text) : webSha256;
}

/** SHA-256 on this platform. */
export const sha256: Sha256 = /* @__PURE__ */ sha256On(globalThis);

async function webSha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hasBuiltinModules(process: unknown): process is { getBuiltinModule(name: string): unknown } {
  return typeof process === 'object' && process !== null && 'getBuiltinModule' in process && typeof process.getBuiltinModule === 'function';
}

function hasHash(crypto: unknown): crypto is { hash(algorithm: 'sha256', text: string): string } {
  return typeof crypto === 'object' && crypto !== null && 'hash' in crypto && typeof crypto.hash === 'function';
}
