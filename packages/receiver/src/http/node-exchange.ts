import { concatenated } from './concatenated.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import type { NodeRequest, NodeResponse } from './node-http.ts';
import { headOf } from './node-request.ts';

/** A node:http request, to be answered: its method, headers and body are read in place. */
export class NodeHttpRequest implements HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly signal: AbortSignal;
  readonly #incoming: NodeRequest;
  #shown: Request | undefined;

  constructor(incoming: NodeRequest, signal: AbortSignal) {
    const { method = 'GET', url = '/', originalUrl = url } = incoming;
    this.method = method;
    this.url = originalUrl;
    this.signal = signal;
    this.#incoming = incoming;
  }

  header(name: string): string | null {
    const value = this.#incoming.headers[name] ?? null;
    return typeof value === 'object' ? (value?.join(', ') ?? null) : value;
  }

  readBody(maxBytes: number): Promise<Uint8Array | undefined> {
    return readBody(this.#incoming, this.signal, maxBytes);
  }

  // A getter of the class: the engine would keep each object's own getter, with the request that it closes over, longer than the object.
  get shown(): Request {
    return (this.#shown ??= headOf(this.#incoming, this.signal));
  }
}

/** Stops reading past the limit. The rest is discarded once the answer is written, so that a client which is still sending gets to read it. */
function readBody(incoming: NodeRequest, signal: AbortSignal, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (incoming.readableEnded) {
      throw new TypeError('toNodeHandler: the body was read before it came here. The handler stands before any body parser.');
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    let isOver = false;
    const over = (finish: () => void): void => {
      if (!isOver) {
        isOver = true;
        finish();
      }
    };
    // A single chunk needs no copy: Node gives it to nobody else.
    const end = (): void => over(() => resolve(chunks.length === 1 ? chunks[0] : concatenated(chunks, size)));
    const fail = (): void => over(() => reject(new Error('The request broke off.')));
    incoming.on('data', (chunk) => {
      size += chunk.byteLength;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      over(() => {
        incoming.pause();
        resolve(undefined);
      });
    });
    incoming.on('end', end);
    incoming.on('error', fail);
    incoming.on('close', fail);
  });
}

/** Writes an answer. HTTP/2 has no header that ends its connection. */
export async function writeAnswer(answer: HttpAnswer | Response, { httpVersionMajor = 1 }: NodeRequest, outgoing: NodeResponse): Promise<void> {
  const { status, headers, body, endsConnection } = answer instanceof Response ? await wholeOf(answer) : answer;
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    outgoing.setHeader(name, value);
  }
  if (endsConnection === true && httpVersionMajor < 2) outgoing.setHeader('connection', 'close');
  // Cookies are the one header whose values no comma joins.
  const cookies = answer instanceof Response ? answer.headers.getSetCookie() : [];
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  outgoing.end(body);
}

async function wholeOf(response: Response): Promise<HttpAnswer> {
  const { status, headers } = response;
  return { status, headers: Object.fromEntries(headers), body: response.body === null ? undefined : new Uint8Array(await response.arrayBuffer()) };
}
