import { isMessagingError, MessagingError, tell } from '@fhir-messaging/core';
import { errorIssue } from '../receive/process-result.ts';
import type { Receiver } from '../receiver.ts';
import { asyncParameters } from './async-parameters.ts';
import type { AsyncParameters } from './async-parameters.ts';
import { authenticated } from './authenticate.ts';
import { checkMethod, checkRequest } from './check-request.ts';
import type { Answering, HttpAnswer, HttpRequest } from './http-exchange.ts';
import type { HttpHandlerOptions } from './http-handler-options.ts';
import { throttleAt } from './http-limits.ts';
import { outcomeAnswer, resultAnswer } from './outcome-answer.ts';

/** How a receiver answers requests, whichever server they come by. */
export function answeringOf(receiver: Receiver<unknown, unknown>, options: HttpHandlerOptions<unknown>): Answering {
  const { maxBytes = 10_000_000, maxEntries, maxConcurrent } = options.limits ?? {};
  const throttle = throttleAt(maxConcurrent);
  return async (request) => {
    try {
      return echo(request, await answer(request));
    } catch (error) {
      return echo(request, failure(request, error));
    }
  };

  async function answer(request: HttpRequest): Promise<HttpAnswer | Response> {
    const wrongMethod = checkMethod(request);
    if (wrongMethod) {
      return wrongMethod;
    }
    const sender = options.authenticate && (await authenticated(request.shown, options.authenticate));
    if (typeof sender === 'object') {
      return sender;
    }
    const asked = asyncParameters(request);
    return checkRequest(request) ?? ('status' in asked ? asked : throttle((onWait) => process(request, sender, asked, onWait)));
  }

  async function process(request: HttpRequest, sender: string | undefined, asked: AsyncParameters, onWait: (isWaiting: boolean) => void): Promise<HttpAnswer> {
    const isTooLong = Number(request.header('content-length') ?? 0) > maxBytes;
    const body = isTooLong ? undefined : await bodyOf(request, maxBytes);
    if (body === undefined) {
      return outcomeAnswer(413, [errorIssue('too-long', 'input.limit', `A message has at most ${maxBytes} bytes here.`)]);
    }
    const context = options.context && (await options.context(request.shown, sender));
    const result = await receiver.process(body, { ...asked, sender, context, limits: { maxBytes, maxEntries }, ownsBytes: true, signal: request.signal, onWait });
    if (result.cacheState === 'unavailable') {
      tell([options.onError], new MessagingError('storage.unavailable', "The receiver's cache failed before a message was begun; its own onError has the cause."));
    }
    return resultAnswer(result);
  }

  function failure({ signal }: HttpRequest, error: unknown): HttpAnswer {
    const isClosed = isMessagingError(error) && error.code === 'closed';
    if (!isClosed && !(signal.aborted && error === signal.reason)) tell([options.onError], error);
    if (isClosed || signal.aborted) {
      // The next attempt is to find a process that takes messages.
      return { ...outcomeAnswer(503, [errorIssue('transient', 'closed', 'No messages are taken at the moment.')]), endsConnection: isClosed };
    }
    return outcomeAnswer(500, [errorIssue('exception', 'http.failed', 'The message could not be processed.')]);
  }
}

/** The body; one that breaks off since the client went away fails by the client's own reason. */
async function bodyOf(request: HttpRequest, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    return await request.readBody(maxBytes);
  } catch (error) {
    request.signal.throwIfAborted();
    throw error;
  }
}

const echoed = ['x-request-id', 'x-correlation-id'];

/** The answer, with the ids by which both sides' logs are held together. */
function echo(request: HttpRequest, answer: HttpAnswer | Response): HttpAnswer | Response {
  const ids: Record<string, string> = {};
  for (const name of echoed) {
    const value = request.header(name);
    if (value !== null) ids[name] = value;
  }
  if (!(answer instanceof Response)) {
    return { ...answer, headers: { ...answer.headers, ...ids } };
  }
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(ids)) {
    headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}
