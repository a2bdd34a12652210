import { bytesOf } from '../bytes-of.ts';

/**
 * A message's body to the byte. A body whose content type is `application/json` or `text/plain` `rabbitmq-client` has read already, and only what it
 * made of it is there.
 */
export const bodyBytes: (body: unknown) => Uint8Array = bytesOf;
