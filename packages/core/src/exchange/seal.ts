/**
 * Seals bytes before they are stored, and opens them again.
 *
 * `context` says what the bytes belong to: sealed in one context, they open in no other.
 */
export interface Seal {
  /** Names the key that new bytes are sealed with; every row names its own. */
  readonly keyName: string;
  seal(bytes: Uint8Array<ArrayBuffer>, context: string): Promise<Uint8Array<ArrayBuffer>>;
  /** @returns the bytes; `undefined` where no key of that name is here. Rejects bytes that were not sealed with that key in that context. */
  open(bytes: Uint8Array<ArrayBuffer>, keyName: string, context: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
