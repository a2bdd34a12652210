import { bytesOf } from '../bytes-of.ts';

/**
 * A message's body to the byte; but `rabbitmq-client` has parsed a body of the content type `application/json` or `text/plain` already, and only the
 * result is there.
 */
export const bodyBytes: (body: unknown) => Uint8Array = bytesOf;
