import { isMessagingError } from '@fhir-messaging/core';
import { errorIssue } from '../receive/process-result.ts';
import type { Optionally, Receiver } from '../receiver.ts';
import { asyncParameters } from './async-parameters.ts';
import type { AsyncParameters } from './async-parameters.ts';
import { authenticated } from './authenticate.ts';
import type { Authenticate } from './authenticate.ts';
import { checkMethod, checkRequest } from './check-request.ts';
import { throttleAt } from './http-limits.ts';
import type { HttpLimits } from './http-limits.ts';
import { outcomeResponse, resultResponse } from './outcome-response.ts';
import { readRequestBody } from './read-request-body.ts';

/** How messages come in by HTTP. */
export type HttpHandlerOptions<TContext = undefined> = ContextFromRequest<TContext> & {
  /** Says who sends. Without it everyone may send, and the address in the message stands for its sender. */
  readonly authenticate?: Authenticate | undefined;
  /** `maxBytes` of a body (default 10_000_000), `maxEntries` of a Bundle (default 100_000), `maxConcurrent` requests (default no limit). */
  readonly limits?: HttpLimits | undefined;
  /** Is told what `authenticate`, `context` or the cache threw, which no sender is told. */
  readonly onError?: ((error: unknown) => void) | undefined;
};

/** Where handlers count on a context, it is made of the request. */
export type ContextFromRequest<TContext> = undefined extends TContext
  ? { readonly context?: ((request: Request, sender: string | undefined) => TContext | Promise<TContext>) | undefined }
  : { readonly context: (request: Request, sender: string | undefined) => TContext | Promise<TContext> };

/**
 * A receiver as a Fetch-style handler, for any server that has these: the path it is called for is the server's matter.
 *
 * Every error has an OperationOutcome as its body: 401, 403, 405, 406, 413, 415, 429, and those of the receiver itself; 500 says nothing of the
 * inside. `X-Request-ID` and `X-Correlation-ID` are echoed.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message
 * @example export default { fetch: httpHandler(receiver, { authenticate }) };
 */
export function httpHandler<TContext>(
  receiver: Receiver<TContext, unknown>,
  ...options: Optionally<TContext, HttpHandlerOptions<TContext>>
): (request: Request) => Promise<Response>;
export function httpHandler(receiver: Receiver<unknown, unknown>, options: HttpHandlerOptions<unknown> = {}): (request: Request) => Promise<Response> {
  const { maxBytes = 10_000_000, maxEntries, maxConcurrent } = options.limits ?? {};
  const throttle = throttleAt(maxConcurrent);
  return async (request) => echo(request, await answer(request).catch((error: unknown) => failure(request, error)));

  async function answer(request: Request): Promise<Response> {
    const wrongMethod = checkMethod(request);
    if (wrongMethod) {
      return wrongMethod;
    }
    const sender = options.authenticate && (await authenticated(request, options.authenticate));
    if (sender instanceof Response) {
      return sender;
    }
    const asked = asyncParameters(request);
    return checkRequest(request) ?? (asked instanceof Response ? asked : throttle(() => process(request, sender, asked)));
  }

  async function process(request: Request, sender: string | undefined, asked: AsyncParameters): Promise<Response> {
    const body = await readRequestBody(request, maxBytes);
    if (body === undefined) {
      return outcomeResponse(413, [errorIssue('too-long', 'input.limit', `A message has at most ${maxBytes} bytes here.`)]);
    }
    const context = await options.context?.(request, sender);
    return resultResponse(await receiver.process(body, { ...asked, sender, context, limits: { maxBytes, maxEntries }, signal: request.signal }));
  }

  function failure({ signal }: Request, error: unknown): Response {
    if (signal.aborted || (isMessagingError(error) && error.code === 'closed')) {
      return outcomeResponse(503, [errorIssue('transient', 'closed', 'No messages are taken at the moment.')]);
    }
    try {
      options.onError?.(error);
    } catch {
      // What a report does wrong is no reason to answer otherwise.
    }
    return outcomeResponse(500, [errorIssue('exception', 'http.failed', 'The message could not be processed.')]);
  }
}

const echoed = ['x-request-id', 'x-correlation-id'];

/** The answer, with the ids by which both sides' logs are held together. */
function echo(request: Request, response: Response): Response {
  const ids = echoed.flatMap((name) => {
    const value = request.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  if (ids.length === 0) {
    return response;
  }
  const headers = new Headers(response.headers);
  for (const [name, value] of ids) {
    headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}
