const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id in the one form in which ids compare as text: without its URN, and a UUID in lower case. */
export function plainId(value: string): string {
  const bare = value.replace(/^urn:(uuid|oid):/i, '');
  return uuid.test(bare) ? bare.toLowerCase() : bare;
}
