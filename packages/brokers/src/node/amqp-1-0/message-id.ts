const uuidBytes = 16;

/** An id of AMQP 1.0 as text, where it is a UUID, which the client gives as its bytes; as it is where it is none. */
export function readableId(id: unknown): unknown {
  return isUuid(id) ? Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : id;
}

/** An id that came in, as the client writes it: all bytes it writes as a UUID, so that others have to be text. */
export function writableId(id: unknown): unknown {
  return id instanceof Uint8Array && !isUuid(id) ? new TextDecoder().decode(id) : id;
}

function isUuid(id: unknown): id is Uint8Array {
  return id instanceof Uint8Array && id.byteLength === uuidBytes;
}
