/**
 * What bytes are sealed with before they are stored, and opened with again.
 *
 * `context` says what they belong to: sealed in one, they open in no other.
 */
export interface Seal {
  /** Names the key that new bytes are sealed with; every row names its own. */
  readonly keyName: string;
  seal(bytes: Uint8Array<ArrayBuffer>, context: string): Promise<Uint8Array<ArrayBuffer>>;
  /** @returns the bytes; `undefined` where a key of that name is not here. Rejects where they were not sealed so. */
  open(bytes: Uint8Array<ArrayBuffer>, keyName: string, context: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
