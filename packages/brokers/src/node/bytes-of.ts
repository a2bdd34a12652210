/** The bytes that a client handed over, not copied; text in UTF-8; any other value as JSON. */
export function bytesOf(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}
