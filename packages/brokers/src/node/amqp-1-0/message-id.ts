const uuidBytes = 16;

/** An id of AMQP 1.0: a UUID, which the client gives as its bytes, as text; any other as it is. */
export function readableId(id: unknown): unknown {
  return isUuid(id) ? Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : id;
}

/** An id that came in, for the client to write. The client writes all bytes as a UUID, so that other bytes have to be text. */
export function writableId(id: unknown): unknown {
  return ArrayBuffer.isView(id) && !isUuid(id) ? new TextDecoder().decode(id) : id;
}

function isUuid(id: unknown): id is Uint8Array {
  return ArrayBuffer.isView(id) && id.byteLength === uuidBytes;
}
