import type { Optionally, Receiver } from '../receiver.ts';
import { answeringOf } from './answer-request.ts';
import { fetchHandler } from './fetch-exchange.ts';
import { requireHttpOptions } from './require-http-options.ts';
import type { HttpHandlerOptions } from './http-handler-options.ts';

/**
 * A receiver as a Fetch-style handler, for any server that takes one; which path calls it is the server's matter.
 *
 * Every error has an OperationOutcome as its body: 401, 403, 405, 406, 413, 415, 429, and those of the receiver itself; but a Response of
 * `authenticate` keeps a body of its own. 500 says nothing of the inside. `X-Request-ID` and `X-Correlation-ID` are echoed.
 *
 * @throws {TypeError} when an option is one of `createReceiver`, or a limit is none.
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example export default { fetch: httpHandler(receiver, { authenticate }) };
 */
export function httpHandler<TContext>(
  receiver: Receiver<TContext, unknown>,
  ...options: Optionally<TContext, HttpHandlerOptions<TContext>>
): (request: Request) => Promise<Response>;
export function httpHandler(receiver: Receiver<unknown, unknown>, options: HttpHandlerOptions<unknown> = {}): (request: Request) => Promise<Response> {
  requireHttpOptions(options);
  return fetchHandler(answeringOf(receiver, options));
}
