import { concatenated } from './concatenated.ts';
import type { Answering, HttpAnswer, HttpRequest } from './http-exchange.ts';

/** A function that answers Fetch requests. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** The answering behind each {@link fetchHandler}, which takes node:http requests without making Fetch requests of them. */
const answerings = new WeakMap<FetchHandler, Answering>();

/** A Fetch-style handler over an answering. */
export function fetchHandler(answer: Answering): FetchHandler {
  const handler: FetchHandler = async (request) => fetchResponse(await answer(fetchRequest(request)));
  answerings.set(handler, answer);
  return handler;
}

/** The answering behind a handler that {@link fetchHandler} made; `undefined` for any other. */
export function answeringBehind(handler: FetchHandler): Answering | undefined {
  return answerings.get(handler);
}

function fetchRequest(request: Request): HttpRequest {
  const { method, url, headers, signal, body } = request;
  return { method, url, header: (name) => headers.get(name), readBody: (maxBytes) => readBody(body, maxBytes), signal, shown: request };
}

function fetchResponse(answer: HttpAnswer | Response): Response {
  return answer instanceof Response ? answer : new Response(answer.body ?? null, answer);
}

async function readBody(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array | undefined> {
  if (body === null) {
    return new Uint8Array();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      void reader.cancel().catch(() => undefined);
      return undefined;
    }
    chunks.push(chunk.value);
  }
  return concatenated(chunks, size);
}
