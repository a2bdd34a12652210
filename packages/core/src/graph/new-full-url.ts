/**
 * A fresh `urn:uuid:` for a resource that no server has named yet.
 *
 * It goes into the resource's slot as `{ fullUrl, resource }`, and other resources refer to it by this very text.
 *
 * @see {@link https://hl7.org/fhir/R4/bundle.html#bundle-unique} Resource URL and uniqueness rules in a Bundle
 */
export function newFullUrl(): string {
  return `urn:uuid:${crypto.randomUUID()}`;
}
