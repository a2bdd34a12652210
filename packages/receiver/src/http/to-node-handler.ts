import { answeringBehind } from './fetch-exchange.ts';
import type { FetchHandler } from './fetch-exchange.ts';
import { NodeHttpRequest, writeAnswer } from './node-exchange.ts';
import type { NodeRequest, NodeResponse } from './node-http.ts';
import { requestOf } from './node-request.ts';

/**
 * A Fetch-style handler for node:http and Express. The request's signal aborts when the client goes away. The request that an `httpHandler`
 * gives to `authenticate` and `context` has no body.
 *
 * Put it before any body parser of Express: behind one there is nothing to read, and an `httpHandler` answers 500 and gives `onError` a TypeError.
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
  // A body that was read in part would keep the connection's next request from being heard; Node itself discards only one that nobody began to read.
  outgoing.on('finish', () => void incoming.resume());
  const answering = answeringBehind(handler);
  try {
    const answer = await (answering ? answering(new NodeHttpRequest(incoming, gone.signal)) : handler(requestOf(incoming, gone.signal, () => outgoing.writableFinished)));
    await writeAnswer(answer, incoming, outgoing);
  } catch {
    outgoing.statusCode = 500;
    outgoing.end();
  }
}
