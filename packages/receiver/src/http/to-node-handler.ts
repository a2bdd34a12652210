import { answeringBehind } from './fetch-exchange.ts';
import type { FetchHandler } from './fetch-exchange.ts';
import { NodeHttpRequest, writeAnswer } from './node-exchange.ts';
import type { NodeRequest, NodeResponse } from './node-http.ts';
import { requestOf } from './node-request.ts';

/**
 * A Fetch-style handler for node:http and Express. When the client goes away, the request's signal aborts. What an `httpHandler` shows of a
 * request to `authenticate` and `context` is without its body.
 *
 * In Express it stands before any body parser, which would leave it nothing to read: an `httpHandler` then answers 500, and its `onError` is given a TypeError.
 *
 * @example createServer(toNodeHandler(httpHandler(receiver))).listen(8080);
 */
export function toNodeHandler(handler: (request: Request) => Promise<Response>): (request: NodeRequest, response: NodeResponse) => void {
  return (incoming, outgoing) => {
    void respond(handler, incoming, outgoing);
  };
}

async function respond(handler: FetchHandler, incoming: NodeRequest, outgoing: NodeResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) {
      gone.abort(new DOMException('The client went away.', 'AbortError'));
    }
  });
  // Node lets through what nobody began to read; the rest of what somebody did would keep the next request of the connection from being heard.
  outgoing.on('finish', () => void incoming.resume());
  const answering = answeringBehind(handler);
  try {
    const answer = await (answering ? answering(new NodeHttpRequest(incoming, gone.signal)) : handler(requestOf(incoming, gone.signal, () => outgoing.writableFinished)));
    await writeAnswer(answer, outgoing);
  } catch {
    outgoing.statusCode = 500;
    outgoing.end();
  }
}
