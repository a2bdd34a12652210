/**
 * A message's body to the byte, not copied. A body whose content type is `application/json` or `text/plain` `rabbitmq-client` has read already, and only what it
 * made of it is there.
 */
export function bodyBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}
