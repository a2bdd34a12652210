import type { NodeRequest, NodeResponse } from './node-http.ts';
import { requestOf } from './node-request.ts';

/**
 * A Fetch-style handler for node:http and Express. When the client goes away, the request's signal aborts.
 *
 * In Express it stands before any body parser, which would leave it nothing to read.
 *
 * @example createServer(toNodeHandler(httpHandler(receiver))).listen(8080);
 */
export function toNodeHandler(handler: (request: Request) => Promise<Response>): (request: NodeRequest, response: NodeResponse) => void {
  return (incoming, outgoing) => {
    void respond(handler, incoming, outgoing);
  };
}

async function respond(handler: (request: Request) => Promise<Response>, incoming: NodeRequest, outgoing: NodeResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) {
      gone.abort(new DOMException('The client went away.', 'AbortError'));
    }
  });
  try {
    const { status, headers, body } = await readWhole(await handler(requestOf(incoming, gone.signal)));
    outgoing.statusCode = status;
    headers.forEach((value, name) => {
      outgoing.setHeader(name, value);
    });
    outgoing.end(body);
  } catch {
    outgoing.statusCode = 500;
    outgoing.end();
  }
}

async function readWhole(response: Response): Promise<{ status: number; headers: Headers; body: Uint8Array | undefined }> {
  const { status, headers } = response;
  return { status, headers, body: response.body === null ? undefined : new Uint8Array(await response.arrayBuffer()) };
}
